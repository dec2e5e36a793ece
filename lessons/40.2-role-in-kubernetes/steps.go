package roleinkubernetes

import "quorumlab/lessons"

var keysStep = lessons.LessonStep{
	ID: "keys", Title: "Where an object lives", Run: lessons.Driver(runKeys),
	Predictions: []lessons.Prediction{
		{ID: "pod-key", Question: "Under which key does etcd store the Pod web-0 of namespace default?", Fact: "pods.key",
			Choices: []lessons.Choice{{Value: "/pods/default/web-0", Text: "/pods/default/web-0"},
				{Value: "/registry/pods/default/web-0", Text: "/registry/pods/default/web-0"},
				{Value: "/api/v1/namespaces/default/pods/web-0", Text: "/api/v1/namespaces/default/pods/web-0"}},
			Why: "kube-apiserver's keys are its --etcd-prefix, the resource, the namespace and the name; its API paths are " +
				"unrelated"},
		{ID: "inside", Question: "Which resourceVersion is inside the value in etcd?", Fact: "inside",
			Choices: []lessons.Choice{{Value: "2", Text: "the one that the client saw"},
				{Value: "1", Text: "1: the first version of the object"}, {Value: "none", Text: "none"}},
			Why: "the API server strips it before it writes, and fills in etcd's mod_revision when it reads"},
		{ID: "grew", Question: "A Pod is changed, then a ConfigMap, then the Pod again. By how much does the Pod's " +
			"resourceVersion grow between its two changes?", Fact: "version.grew",
			Why: "all objects share the one counter of etcd's store"},
	},
	Claims: []lessons.Claim{
		"pods.key == /registry/pods/default/web-0", "nodes.key == /registry/minions/node-1",
		"leases.key == /registry/leases/kube-node-lease/node-1",
		"events.key == /registry/events/default/web-0.1", "widgets.key == /registry/example.org/widgets/default/w-1",
		"pods.encoding == protobuf", "widgets.encoding == json", `value.prefix == k8s\x00`,
		"inside == none", "version.is == mod_revision", "version.grew == 2", "etcd.version == 3",
	},
	Misconception: "resourceVersion is the object's own counter, stored with it.",
}

var conflictsStep = lessons.LessonStep{
	ID: "conflicts", Title: "Two writers, one object", Run: lessons.Driver(runConflicts),
	Predictions: []lessons.Prediction{
		{ID: "second", Question: "Two clients hold the same copy of a Pod and update it, with its resourceVersion. What " +
			"does the second one get?", Fact: "update.second",
			Choices: []lessons.Choice{{Value: "200 OK", Text: "200 OK: the last one wins"},
				{Value: "409 Conflict", Text: "409 Conflict"}, {Value: "423 Locked", Text: "423 Locked: it has to wait"}},
			Why: "the update is an etcd transaction that compares mod_revision, which the first update has changed"},
		{ID: "kept", Question: "Eight writers add one 120 times in total, with get and put, without a resourceVersion. " +
			"What, roughly, is the counter at the end?", Fact: "put.kept.8", Within: 0.5,
			Why: "of the writers that read the same value only one counts, and all are told that they succeeded"},
		{ID: "kept-by-retry", Question: "And if each retries after a conflict?", Fact: "retry.kept.8",
			Choices: []lessons.Choice{{Value: "15", Text: "15"}, {Value: "60", Text: "60"}, {Value: "120", Text: "120"}},
			Why:     "a writer with a stale value is rejected, reads again and adds to the new one"},
	},
	Claims: []lessons.Claim{
		"create.twice == 409 AlreadyExists", "update.first == 200 OK", "update.second == 409 Conflict",
		"update.blind == 200 OK",
		"put.kept.1 == 120", "put.told.8 == 120", "put.lost.8 > 0", "checked.honest == yes", "checked.refused.8 > 0",
		"retry.kept.1 == 120", "retry.kept.2 == 120", "retry.kept.4 == 120", "retry.kept.8 == 120", "retry.tries.8 > 120",
	},
	Misconception: "etcd is consistent, so two controllers can't undo each other's changes.",
}

var watchStep = lessons.LessonStep{
	ID: "list-watch", Title: "List, watch, and the end of history", Run: lessons.Driver(runWatch),
	Predictions: []lessons.Prediction{
		{ID: "missed", Question: "A client stops watching, six changes happen, and it watches again from the last version " +
			"that it saw. How many of the six does it receive?", Fact: "away.told",
			Why: "a watch is a read of etcd's history from a revision on"},
		{ID: "ten-minutes", Question: "The API server compacts every 5 minutes. What does a watch get that resumes from a " +
			"version 20 minutes old?", Fact: "away.10",
			Choices: []lessons.Choice{{Value: "200 OK", Text: "200 OK, and everything it missed"},
				{Value: "404 NotFound", Text: "404 NotFound"}, {Value: "410 Expired", Text: "410 Expired"}},
			Why: "its version has been compacted, and the API server says so rather than skip changes"},
		{ID: "least", Question: "With a compaction every 5 minutes, how many minutes may a watch be away and always be " +
			"able to resume?", Fact: "history.least",
			Choices: []lessons.Choice{{Value: "0", Text: "0: a compaction can come at any moment"}, {Value: "5", Text: "5"},
				{Value: "10", Text: "10"}},
			Why: "each compaction drops what was old at the previous one, so 5 to 10 minutes are left"},
	},
	Claims: []lessons.Claim{
		"watch.live == ADDED MODIFIED DELETED", "away.missed == 6", "away.told == 6", "away.ordered == yes",
		"history.least == 5", "history.most == 9", "away.10 == 410 Expired", "list.exact == 410 Expired",
		"list.page == 410 Expired", "again == 200 OK",
	},
	Misconception: "A controller that was away gets everything it missed, however long it was away.",
}

var eventsStep = lessons.LessonStep{
	ID: "events", Title: "Events that expire", Run: lessons.Driver(runEvents),
	Predictions: []lessons.Prediction{
		{ID: "leases-hour", Question: "200 Events are written with a TTL of an hour. How many etcd leases do they use?",
			Fact: "leases.hour",
			Choices: []lessons.Choice{{Value: "1", Text: "1"}, {Value: "60", Text: "60: one per minute"},
				{Value: "200", Text: "200: one per Event"}},
			Why: "the API server reuses a lease for a minute, or 5% of the TTL if that is less, and for up to 1,000 objects"},
		{ID: "leases-short", Question: "And 200 with a TTL of 2 seconds?", Fact: "leases.short",
			Choices: []lessons.Choice{{Value: "1", Text: "1"}, {Value: "60", Text: "60"}, {Value: "200", Text: "200"}},
			Why:     "5% of 2 s is less than a second, the resolution of lease TTLs, so none is reused"},
		{ID: "ends", Question: "How many revisions does the expiry of the 200 one-hour Events make?", Fact: "ends.hour",
			Choices: []lessons.Choice{{Value: "0", Text: "none: nobody wrote"}, {Value: "1", Text: "1"},
				{Value: "200", Text: "200"}},
			Why: "all keys attached to a lease are deleted in one transaction when it ends"},
	},
	Claims: []lessons.Claim{
		"leases.short == 200", "leases.hour == 1", "leases.many == 2", "ends.short == 200", "ends.hour == 1",
		"ends.many == 2",
		"left.short == 0", "left.hour == 0", "left.many == 0",
	},
	Misconception: "Expiring Events cost etcd nothing, and each has its own timer.",
}

var heartbeatsStep = lessons.LessonStep{
	ID: "heartbeats", Title: "What a heartbeat costs", Run: lessons.Driver(runHeartbeats),
	Predictions: []lessons.Prediction{
		{ID: "revisions", Question: "How many revisions do 300 heartbeats to a Lease make?", Fact: "lease.revisions",
			Choices: []lessons.Choice{{Value: "0", Text: "none: a lease is kept alive without writes"},
				{Value: "30", Text: "30: only every tenth is written"}, {Value: "300", Text: "300"}},
			Why: "a Kubernetes Lease is an object like any other; it shares only its name with an etcd lease"},
		{ID: "ratio", Question: "How many times more does the database grow if the same heartbeats go to a Node that lists " +
			"50 images?", Fact: "growth.ratio", Within: 0.6,
			Why: "etcd stores the whole object again with each change, and a Node is some 70 times as large as a Lease"},
	},
	Claims: []lessons.Claim{
		"lease.revisions == 300", "node.revisions == 300", "lease.on-etcd-lease == no", "lease.bytes < 200",
		"node.bytes > 5000", "growth.ratio > 5",
	},
	Misconception: "Node Leases are etcd leases, and exist because they cause fewer writes.",
}

var secretsStep = lessons.LessonStep{
	ID: "secrets", Title: "Who can read a Secret", Run: lessons.Driver(runSecrets),
	Predictions: []lessons.Prediction{
		{ID: "before", Question: "Without an EncryptionConfiguration: is a Secret's plaintext in etcd's database file?",
			Fact:    "before.database",
			Choices: yesOrNo("no: it is base64 inside protobuf"), Why: "base64 is how the API shows bytes; etcd has the raw " +
				"bytes"},
		{ID: "on", Question: "Encryption is turned on. Is an earlier Secret's plaintext still in the database file?",
			Fact:    "on.database",
			Choices: yesOrNo("no: the API server encrypts what is there"), Why: "the API server encrypts on write, and " +
				"nothing has been rewritten"},
		{ID: "forgotten", Question: "It is rewritten, and etcd is compacted and defragmented. Is the old plaintext still " +
			"somewhere on the member's disk?", Fact: "forgotten.wal",
			Choices: yesOrNo("no: the old revision is gone"), Why: "the write-ahead log keeps what was written until its " +
				"files are old enough to be removed"},
	},
	Claims: []lessons.Claim{
		"before.database == yes", "before.wal == yes", "before.snapshot == yes",
		"new.database == no", "new.wal == no", "new.snapshot == no", "new.value == k8s:enc:aesgcm:v1:key1:",
		"read.without-key == 500 InternalError", "read.with-key == 200 OK",
		`on.value == k8s\x00`, "on.database == yes",
		"rewritten.value == k8s:enc:aesgcm:v1:key1:", "rewritten.database == yes", "rewritten.snapshot == yes",
		"forgotten.database == no", "forgotten.snapshot == no", "forgotten.wal == yes",
		"read.both-keys == 200 OK", "rotated.value == k8s:enc:aesgcm:v1:key2:", "behind.value == k8s:enc:aesgcm:v1:key1:",
		"read.rotated == 200 OK", "read.dropped-key == 500 InternalError",
	},
	Misconception: "Secrets are encrypted, since they look scrambled; and turning on encryption encrypts them all.",
}

func yesOrNo(no string) []lessons.Choice {
	return []lessons.Choice{{Value: "yes", Text: "yes"}, {Value: "no", Text: no}}
}

var cacheStep = lessons.LessonStep{
	ID: "watch-cache", Title: "What reaches etcd at all", Run: lessons.Driver(runCache),
	Predictions: []lessons.Prediction{
		{ID: "zero", Question: "A client lists 500 Pods with resourceVersion 0. How many reads does etcd serve for it?",
			Fact:    "reads.zero",
			Choices: []lessons.Choice{{Value: "0", Text: "0"}, {Value: "1", Text: "1"}, {Value: "500", Text: "500"}},
			Why:     "version 0 means that any state will do, and the cache has one"},
		{ID: "watchers", Question: "A hundred clients watch Pods through the cache. How many additional watchers does etcd " +
			"have?", Fact: "watchers.cache.100",
			Choices: []lessons.Choice{{Value: "0", Text: "0"}, {Value: "1", Text: "1"}, {Value: "100", Text: "100"}},
			Why:     "the cache has watched once since its start, and serves all its clients itself"},
	},
	Claims: []lessons.Claim{
		"items.etcd == 500", "items.consistent == 500", "items.zero == 500", "reads.zero == 0", "reads.etcd >= 1",
		"watchers.cache.1 == 0", "watchers.cache.100 == 0", "watchers.direct.100 == 100",
		"told.cache.100 == 1", "told.direct.100 == 101", "heard.cache.100 == 100", "heard.direct.100 == 100",
	},
	Misconception: "Every kubectl get and every watch goes to etcd.",
}

var outageStep = lessons.LessonStep{
	ID: "outage", Title: "When etcd is down", Run: lessons.Driver(runOutage),
	Predictions: []lessons.Prediction{
		{ID: "list-0", Question: "All three members are dead. What does a list with resourceVersion 0 get?",
			Fact: "dead.list-0",
			Choices: []lessons.Choice{{Value: "OK", Text: "all Pods"}, {Value: "no answer",
				Text: "nothing, until it times out"}},
			Why: "it comes from the watch cache, in the API server's memory"},
		{ID: "list", Question: "And a list without a resourceVersion, as in `kubectl get pods`?", Fact: "dead.list",
			Choices: []lessons.Choice{{Value: "OK", Text: "all Pods"}, {Value: "no answer",
				Text: "nothing, until it times out"}},
			Why: "it has to be current, so the API server first asks etcd for its revision, " +
				"even when it answers from its cache"},
		{ID: "told", Question: "The members are restarted and a Pod is created. Does the watch that stayed open report it?",
			Fact:    "back.told",
			Choices: []lessons.Choice{{Value: "OK", Text: "yes"}, {Value: "no answer", Text: "no: it ended with the members"}},
			Why:     "it is a client of the cache, and the cache's own watch resumes from its last revision"},
	},
	Claims: []lessons.Claim{
		"up.create == OK", "up.list == OK", "up.told == OK", "leader-dead.create == OK", "leader-dead.list == OK",
		"leader-dead.told == OK",
		"dead.list-0 == OK", "dead.get-0 == OK", "dead.watch-0 == OK", "dead.list == no answer", "dead.get == no answer",
		"dead.create == no answer", "dead.told == no answer",
		"dead.items >= 50", "back.create == OK", "back.list == OK", "back.told == OK",
		"one.list-0 == OK", "one.get-0 == OK", "one.list == no answer", "one.get == no answer", "one.create == no answer",
		"again.create == OK", "again.list == OK", "again.told == OK",
	},
	Misconception: "When etcd is down, the cluster is down: nothing can be read, and the Pods stop.",
}
