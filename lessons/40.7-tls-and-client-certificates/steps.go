package tlsandclientcertificates

import "quorumlab/lessons"

var clientsStep = lessons.LessonStep{
	ID: "clients", Title: "Ten clients and four checks",
	Run: lessons.Driver(runClients),
	Predictions: []lessons.Prediction{
		{
			ID: "through-tls", Question: "How many of the ten clients get through TLS, whatever etcd then lets them do?",
			Fact: "through.tls",
			Choices: []lessons.Choice{{Value: "1", Text: "1: alice, who has a role"},
				{Value: "3", Text: "3: those with a good certificate from the right CA"},
				{Value: "5", Text: "5: those with any certificate from the right CA"}},
			Why: "TLS checks that the certificate is valid for a client and from a CA that the member trusts, never who it " +
				"is: alice, bob and the stranger pass",
		},
		{
			ID: "when-told", Question: "A client without a certificate dials with TLS 1.3. When does it learn that it is " +
				"rejected?", Fact: "when.told",
			Choices: []lessons.Choice{{Value: "the dial", Text: "when it dials: the dial fails"},
				{Value: "the first read", Text: "when it first reads: the dial succeeds"}},
			Why: "in TLS 1.3 the client's part of the handshake ends before the server has checked its certificate, so the " +
				"rejection comes with the first read",
		},
		{
			ID: "stock-told", Question: "What does etcd's own client, with a timeout of one second, report to a program whose " +
				"certificate has expired?", Fact: "stock.told",
			Choices: []lessons.Choice{{Value: "remote error: tls: expired certificate",
				Text: "that the certificate has expired"}, {Value: "context deadline exceeded",
				Text: "that its deadline has passed"}, {Value: "etcdserver: permission denied", Text: "that it has no permission"}},
			Why: "it takes the rejection for a broken connection and retries until the caller's deadline; dial TLS yourself, " +
				"or with openssl s_client, to see the cause",
		},
	},
	Claims: []lessons.Claim{
		"alice.stopped == nowhere", "bob.stopped == authorization", "stranger.stopped == authentication",
		"plaintext.stopped == connect",
		"no-certificate.stopped == handshake", "unknown-ca.stopped == handshake", "expired.stopped == handshake",
		"server-only.stopped == handshake", "no-ca.stopped == handshake", "wrong-name.stopped == handshake",
		"through.tls == 3", "stopped.handshake == 6",
		"no-certificate.told == remote error: tls: certificate required", "unknown-ca.told == remote error: tls: unknown " +
			"certificate authority",
		"expired.told == remote error: tls: expired certificate", "server-only.told == remote error: tls: bad certificate",
		"dial.without == no error", "read.without == remote error: tls: certificate required",
	},
	Misconception: "A client that is rejected is told why.",
}

var rolesStep = lessons.LessonStep{
	ID: "roles", Title: "What a good certificate may do, without and with roles",
	Run: lessons.Driver(runRoles),
	Predictions: []lessons.Prediction{
		{
			ID: "before-roles", Question: "Mutual TLS is on, authentication in etcd is not. Three clients with good " +
				"certificates make four requests each, including a write to private/plan. How many of the twelve are granted?",
			Fact: "before.granted",
			Choices: []lessons.Choice{{Value: "12", Text: "all 12"}, {Value: "8", Text: "8: the stranger is not a user"},
				{Value: "6", Text: "6: not those below private/"}, {Value: "0", Text: "none: nobody has a role"}},
			Why: "TLS decides who may connect; without authentication etcd does not ask who it is, and everybody may do " +
				"everything",
		},
		{
			ID: "with-roles", Question: "Then alice gets a role for keys below pub/, bob becomes a user without one, and " +
				"authentication is enabled. How many of the twelve are granted now?", Fact: "after.granted",
			Choices: []lessons.Choice{{Value: "2", Text: "2"}, {Value: "4", Text: "4"}, {Value: "6", Text: "6"},
				{Value: "12", Text: "12"}},
			Why: "alice may read and write below pub/, which is two of her four; a certificate's common name is the user, and " +
				"anybody who is not a user or has no role may do nothing",
		},
	},
	Claims: []lessons.Claim{
		"before.granted == 12", "after.granted == 2", "alice.granted == 2", "bob.granted == 0", "stranger.granted == 0",
		"told.alike == yes",
	},
	Misconception: "Mutual TLS is authorization: nobody gets to a key that is none of their business.",
}

var rotationStep = lessons.LessonStep{
	ID: "rotation", Title: "New certificates for everybody, and a new CA for one",
	Run: lessons.Driver(runRotation),
	Predictions: []lessons.Prediction{
		{
			ID: "failed-writes", Question: "A client writes continuously while all three members get new certificates for " +
				"clients and peers. How many of its writes fail? (a number)", Fact: "failed",
			Why: "etcd reads the files at each handshake, and open connections have theirs behind them",
		},
		{
			ID: "new-authority-file", Question: "Another CA is added to a member's CA file (trusted-ca-file). Is a client " +
				"with a certificate from that CA let in on the next connection?", Fact: "stranger.file",
			Choices: []lessons.Choice{{Value: "let in", Text: "yes: files are read at each handshake"},
				{Value: "refused", Text: "no"}},
			Why: "certificates are read at each handshake, but CAs only when a member starts",
		},
	},
	Claims: []lessons.Claim{
		"failed == 0", "shown.clients == 3", "shown.peers == 3", "newer == yes", "restarted == 0", "written >= 100",
		"stranger.before == refused", "stranger.file == refused", "stranger.restart == let in",
	},
	Misconception: "New certificates need a restart, and a new CA is just another file.",
}

var expiryStep = lessons.LessonStep{
	ID: "expiry", Title: "A certificate expires",
	Run: lessons.Driver(runExpiry),
	Predictions: []lessons.Prediction{
		{
			ID: "connected-clients", Question: "A member's certificate expires while a client is connected and writes. Does " +
				"it continue?", Fact: "old.goes.on",
			Choices: []lessons.Choice{{Value: "yes", Text: "yes"}, {Value: "no", Text: "no: its connection is closed"}},
			Why:     "a certificate is checked in the handshake and never again",
		},
		{
			ID: "new-clients", Question: "And a client that connects now?", Fact: "new.expired",
			Choices: []lessons.Choice{{Value: "let in", Text: "is let in: it has a good certificate itself"},
				{Value: "refused", Text: "is rejected"}},
			Why: "the client itself rejects the expired certificate; the member has nothing against the client",
		},
	},
	Claims: []lessons.Claim{
		"new.before == let in", "old.goes.on == yes", "new.expired == refused", "new.renewed == let in", "failed == 0",
	},
	Misconception: "When a certificate expires, everything stops at that moment, so we would have noticed.",
}

var speedStep = lessons.LessonStep{
	ID: "speed", Title: "What TLS costs",
	Run: lessons.Driver(runSpeed),
	Predictions: []lessons.Prediction{
		{
			ID: "price-of-tls", Question: "How long does a write take over TLS, on an open connection, compared with one in " +
				"plaintext?", Fact: "price",
			Choices: []lessons.Choice{{Value: "less than twice", Text: "less than twice as long"},
				{Value: "two to ten times", Text: "two to ten times as long"}, {Value: "more than ten times",
					Text: "more than ten times as long"}},
			Why: "a write waits for the disk; encrypting a few hundred bytes takes microseconds. What costs is the handshake, " +
				"once per connection",
		},
	},
	Claims:        []lessons.Claim{"price == less than twice", "put.tls.p50 < 10s"},
	Misconception: "TLS makes a database slow.",
}
