package sidebyside

import (
	"errors"
	"testing"
	"time"

	"quorumlab/lessons"
	"quorumlab/lessons/lessontest"
	"quorumlab/lessons/pg"
)

func TestMain(m *testing.M) { lessontest.Main(m) }

func TestLesson(t *testing.T) { lessontest.Whole(t, Lesson()) }

func TestAnswers(t *testing.T) {
	schedule := func(snapshot, kept, base, backups, timeout string, points int, hint string) lessontest.TaskAnswer {
		return lessontest.TaskAnswer{Task: "schedule", Points: points, Hint: hint, Text: "snapshot-every = " + snapshot +
			"\nsnapshots-kept-for = " + kept + "\nbase-backup-every = " + base + "\nbackups-kept-for = " + backups +
			"\narchive-timeout = " + timeout + "\n"}
	}
	pair := func(text string, points int, hint string) lessontest.TaskAnswer {
		return lessontest.TaskAnswer{Task: "pair", Text: text, Points: points, Hint: hint}
	}
	lessontest.Answers(t, Lesson(), map[string]lessontest.TaskAnswer{
		"both, earlier":      pair("restore-etcd 50 1000\nrestore-postgresql 50", 7, "which is the newest snapshot"),
		"too small a bump":   pair("restore-etcd 75 10\nrestore-postgresql 75", 7, "above all that clients have seen"),
		"the newest of each": pair("restore-etcd 75 24\nrestore-postgresql 90", 3, "to any moment"),
		"only one":           pair("restore-etcd 75 1000", 3, "to any moment"),
		"more than there is": pair("restore-postgresql 95", 0, "to any moment"),
		"no such snapshot":   pair("restore-etcd 76 1000\nrestore-postgresql 76", 0, "to any moment"),
		"nothing":            pair("# later", 0, "to any moment"),
		"the second time": pair("restore-etcd 75 0\nrestore-postgresql 95\nrestore-etcd 75 500\n"+
			"restore-postgresql 75", 10, ""),
		"an order of tomorrow":        {Task: "pair", Text: "restore-postgresql 100", Bad: `pair.txt:1:20: "100" is no order`},
		"no bump":                     {Task: "pair", Text: "restore-etcd 75", Bad: "wrong number of arguments"},
		"another database":            {Task: "pair", Text: "restore-mysql 75", Bad: `unknown command "restore-mysql"`},
		"another way":                 schedule("9m", "73h", "205m", "77h", "20s", 10, ""),
		"to the minute":               schedule("10m", "73h", "210m", "77h", "30s", 8, "not when it is begun"),
		"every minute":                schedule("1m", "73h", "210m", "77h", "30s", 8, "each loads its store"),
		"a snapshot is an archive":    schedule("8m", "73h", "8m", "77h", "30s", 8, "what is older than"),
		"an archive needs no new one": schedule("8m", "73h", "1d", "99h", "30s", 8, "the replay begins where"),
		"a minute is not a minute":    schedule("8m", "73h", "210m", "77h", "1m", 8, "until the segment is stored"),
		"three days are three days":   schedule("8m", "72h", "210m", "72h", "30s", 8, "that was complete by then"),
		"snapshots of a day":          schedule("8m", "1d", "210m", "77h", "30s", 8, "from shortly before it"),
		"all is kept":                 schedule("8m", "14d", "210m", "14d", "30s", 9, "too much"),
		"a typing error": {Task: "schedule", Text: "snapshots-every = 8m\n", Bad: "schedule.txt:1:1: unknown setting " +
			`"snapshots-every" (did you mean "snapshot-every"?)`},
		"no unit":     {Task: "schedule", Text: "snapshot-every = 8\n", Bad: `schedule.txt:1:18: "8" is not a duration`},
		"one is left": {Task: "schedule", Text: "snapshot-every = 8m\n", Bad: "archive-timeout is not set"},
	})
}

// What the month comes to can be counted by hand.
func TestSchedules(t *testing.T) {
	const day = 24 * time.Hour
	l := bothSchedules{snapshotEvery: 30 * time.Minute, snapshotsKept: 4 * day, baseEvery: 6 * time.Hour,
		basesKept: 4 * day, archiveTimeout: 2 * time.Minute}.run()
	replay := pg.AtSpeed(walGBPerHour*(6*time.Hour+baseTime).Hours(), replaySpeed)
	for what, d := range map[string][2]time.Duration{
		"etcd": {l.etcd, 31 * time.Minute}, "PostgreSQL": {l.server, 150 * time.Second},
		"back": {l.back, 10*time.Minute + replay + verifyTime},
	} {
		if d[0] != d[1] {
			t.Errorf("%s: %s, want %s", what, d[0], d[1])
		}
	}
	// The last snapshot before a mistake is up to half an hour older.
	if l.etcdUndo || !l.pgUndo || l.snapshots != 48 || l.bases != 4 {
		t.Errorf("it comes to %+v", l)
	}
	// 193 snapshots, 17 base backups and four days of WAL at most.
	if most := 193*etcdGB + 17*databaseGB + 96*walGBPerHour; l.disk > most || l.disk < most-2*databaseGB {
		t.Errorf("%g GB, at most %g", l.disk, most)
	}
}

// What is there at a moment is found as by a look at all of it.
func TestCopies(t *testing.T) {
	c := copies{every: 7, takes: 3, kept: 20}
	for now := time.Duration(0); now < 100; now++ {
		n, oldest := 0, time.Duration(0)
		newest := time.Duration(-1)
		for at := time.Duration(0); at+c.takes <= now; at += c.every {
			newest = at
		}
		for at := newest; at >= 0; at -= c.every {
			if now-at <= c.kept || at == newest {
				n, oldest = n+1, now-at
			}
		}
		if m, age := c.count(now); m != n || age != oldest || c.begun(now, now) != newest {
			t.Errorf("at %d: %d copies, the oldest %d, the newest from %d, want %d, %d, %d", now, m, age, c.begun(now, now), n,
				oldest, newest)
		}
	}
}

func FuzzSchedules(f *testing.F) {
	f.Add("snapshot-every = 8m # often\nsnapshots-kept-for=73h\nbase-backup-every = 3h\nbackups-kept-for = 4d\n" +
		"archive-timeout = 30s")
	f.Fuzz(func(t *testing.T, answer string) {
		s, err := readSchedules("s.txt", []byte(answer))
		var bad *lessons.BadAnswer
		if err != nil && !errors.As(err, &bad) {
			t.Fatal(err)
		}
		for name, d := range s.fields() {
			if err == nil && *d < time.Second {
				t.Errorf("%s is %s", name, *d)
			}
		}
	})
}
