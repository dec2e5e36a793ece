package monitoring

import "quorumlab/lessons"

var scrapeStep = lessons.LessonStep{
	ID: "scrape", Title: "What a member exports",
	Run: lessons.Driver(runScrape),
	Predictions: []lessons.Prediction{
		{
			ID: "series", Question: "How many series are on one member's metrics page, with etcd's default settings?",
			Fact: "magnitude",
			Choices: []lessons.Choice{{Value: "below 500", Text: "a few hundred at most"},
				{Value: "500 to 5000", Text: "some thousand"}, {Value: "above 5000", Text: "many thousand"}},
			Why: "most of them are gRPC counters, one per method and code, and histogram buckets, some fifteen each",
		},
		{
			ID: "blind-rules", Question: "Fifteen rules were loaded without an error. How many of them use a metric that " +
				"members export only with --metrics=extensive, and not by default?", Fact: "blind",
			Choices: []lessons.Choice{{Value: "0", Text: "none: the rules were loaded"}, {Value: "1", Text: "one"},
				{Value: "5", Text: "five"}},
			Why: "Prometheus checks a rule's syntax, never whether its metrics exist; the histogram of request latencies " +
				"exists only with --metrics=extensive",
		},
	},
	Claims: []lessons.Claim{
		"has_leader == 3", "is_leader == 1", "blind == 1", "blind.rules == etcdGRPCRequestsSlow",
		"magnitude == 500 to 5000", "series.extensive > 1000",
	},
	Misconception: "A rule that has been loaded watches something.",
}

var slowDiskStep = lessons.LessonStep{
	ID: "slow-disk", Title: "The leader's disk takes 0.6 s longer for each fsync",
	Run: lessons.Driver(runSlowDisk),
	Predictions: []lessons.Prediction{
		{
			ID: "who-tells", Question: "Which alerts fire?", Fact: "told.by",
			Choices: []lessons.Choice{
				{Value: "alerts on disks", Text: "those about the disk"}, {Value: "alerts on the leader",
					Text: "those about the leader: it is replaced"},
				{Value: "both", Text: "both"}, {Value: "none", Text: "none: 0.6 s is not enough"},
			},
			Why: "the leader keeps sending heartbeats between its slow writes, so nobody has a reason to elect another",
		},
		{
			ID: "when", Question: "In production time, how long after the fault does the first alert fire?",
			Fact: "production.delay",
			Choices: []lessons.Choice{
				{Value: "within two minutes", Text: "within two minutes"}, {Value: "within ten minutes",
					Text: "within ten minutes"},
				{Value: "after more than ten minutes", Text: "after more than ten minutes"}, {Value: "never", Text: "never"},
			},
			Why: "the condition is true within a scrape or two, but the rules have `for: 10m`: until then the alert is " +
				"pending, and nobody is told",
		},
		{
			ID: "critical-rule", Question: "The critical rule fires if the 99th percentile of the fsyncs is above 1 s. Each " +
				"takes about 0.6 s. Does it fire?", Fact: "critical",
			Choices: []lessons.Choice{{Value: "yes", Text: "yes"}, {Value: "no", Text: "no"}},
			Why:     "the percentile reads 1.02 s, the upper edge of the bucket that contains 0.6 s; see the next step",
		},
	},
	Claims: []lessons.Claim{
		"ok == yes", "leader.changes == 0", "told.by == alerts on disks", "critical == yes", "production.delay == after " +
			"more than ten minutes",
		"put.during >= 600ms", "writes.during <= 10/s",
		"alert.etcdHighFsyncDurations.members == 1", "alert.etcdHighCommitDurations.members == 1",
		"alert.etcdNoLeader.members == 0", "alert.etcdHighNumberOfLeaderChanges.members == 0",
	},
	Misconception: "A leader with a slow disk loses its leadership, and the leader alert will report it.",
}

var bucketsStep = lessons.LessonStep{
	ID: "buckets", Title: "Known delays, and what the percentile says",
	Run: lessons.Driver(runBuckets),
	Predictions: []lessons.Prediction{
		{
			ID: "reading", Question: "Every fsync takes slightly more than 0.8 s. What does the 99th percentile read?",
			Fact: "reads",
			Choices: []lessons.Choice{{Value: "about 0 s", Text: "less than 0.5 s"}, {Value: "about 1 s", Text: "about 1 s"},
				{Value: "about 2 s", Text: "about 2 s"}},
			Why: "all fsyncs are in the bucket from 0.512 to 1.024 s, and the 99th percentile is interpolated to 99% of the " +
				"way through it",
		},
		{
			ID: "warning-from", Question: "All fsyncs take the same time. From what time on does the rule `p99 > 0.5` fire?",
			Fact: "warning.from",
			Choices: []lessons.Choice{{Value: "256ms", Text: "0.256 s"}, {Value: "500ms", Text: "0.5 s"},
				{Value: "512ms", Text: "0.512 s"}},
			Why: "anything in the bucket from 0.256 to 0.512 s reads 0.509 s",
		},
	},
	Claims: []lessons.Claim{
		"warning.from == 256ms", "critical.from == 512ms", "p99.600ms >= 1s", "p99.800ms >= 1s", "p99.300ms >= 500ms",
		"p99.40ms < 1s",
		"mean.600ms >= 600ms", "mean.600ms < 800ms", "mean.800ms >= 800ms", "mean.800ms < 1s",
	},
	Misconception: "A percentile on a dashboard is a measurement.",
}

var quorumStep = lessons.LessonStep{
	ID: "quorum-loss", Title: "Two of three members are killed",
	Run: lessons.Driver(runQuorumLoss),
	Predictions: []lessons.Prediction{
		{
			ID: "no-leader", Question: "etcdNoLeader is `etcd_server_has_leader == 0`. For how many of the three members does " +
				"it fire?", Fact: "etcdNoLeader",
			Choices: []lessons.Choice{{Value: "0", Text: "for none"}, {Value: "1", Text: "for one"},
				{Value: "2", Text: "for two"}, {Value: "3", Text: "for all three"}},
			Why: "only the survivor is there to report 0; the dead report nothing, and nothing is not 0",
		},
		{
			ID: "insufficient", Question: "etcdInsufficientMembers counts `up`, which the scraper writes. Does it fire? (0: " +
				"no, 1: yes, once for the cluster)", Fact: "etcdInsufficientMembers",
			Choices: []lessons.Choice{{Value: "0", Text: "no"}, {Value: "1", Text: "yes"}},
			Why: "up is 0 for targets that don't answer, so the dead are counted; " +
				"in production it fires three minutes later",
		},
	},
	Claims: []lessons.Claim{
		"etcdNoLeader == 1", "etcdInsufficientMembers == 1", "etcdMembersDown == 0",
		"silent == 2", "no.leader == 1", "has.leader == 0", "written == 0",
	},
	Misconception: "A dead member reports that it has no leader.",
}

var absentStep = lessons.LessonStep{
	ID: "absent", Title: "Every write takes 0.2 s, with and without the metric for it",
	Run: lessons.Driver(runSlowRequests),
	Predictions: []lessons.Prediction{
		{
			ID: "basic-alert", Question: "etcdGRPCRequestsSlow fires for requests above 0.15 s. With etcd's default metrics, " +
				"for how many members does it fire?", Fact: "basic.alerted",
			Choices: []lessons.Choice{{Value: "0", Text: "for none"}, {Value: "1", Text: "for the leader"},
				{Value: "3", Text: "for all three"}},
			Why: "its histogram is not a basic metric, and a comparison with a missing series is never true",
		},
		{
			ID: "extensive-alert", Question: "And with --metrics=extensive?", Fact: "extensive.alerted",
			Choices: []lessons.Choice{{Value: "0", Text: "for none"}, {Value: "1", Text: "for the leader"},
				{Value: "3", Text: "for all three"}},
			Why: "each member serves clients, and all of them wait for the same network",
		},
	},
	Claims: []lessons.Claim{"basic.alerted == 0", "extensive.alerted == 3", "basic.put.p50 >= 180ms",
		"extensive.put.p50 >= 180ms"},
	Misconception: "No alert means that all is well.",
}
