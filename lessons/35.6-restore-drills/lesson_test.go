package restoredrills

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
	checks := func(text string, points int, hint string) lessontest.TaskAnswer {
		return lessontest.TaskAnswer{Task: "checks", Text: text, Points: points, Hint: hint}
	}
	schedule := func(every, all, daily, timeout string, points int, hint string) lessontest.TaskAnswer {
		return lessontest.TaskAnswer{Task: "schedule", Points: points, Hint: hint, Text: "base-backup-every = " + every +
			"\nkeep-all-for = " + all + "\nkeep-daily-for = " + daily + "\narchive-timeout = " + timeout + "\n"}
	}
	lessontest.Answers(t, Lesson(), map[string]lessontest.TaskAnswer{
		"all that runs on a server": checks("amcheck\nchecksums\nquery", 10, ""),
		"it starts":                 checks("start", 1, "ends without an error"),
		"a dump":                    checks("dump\nquery", 5, "reads every block"),
		"files alone":               checks("verifybackup\nchecksums", 6, "you do"),
		"a known answer alone":      checks("query", 5, "agrees with it"),
		"nothing":                   checks("# later", 0, "passes everything"),
		"too many": {Task: "checks", Text: "start\nquery\ndump\namcheck", Bad: "checks.txt:4:1: an answer has at most 3 " +
			"commands"},
		"another tool": {Task: "checks", Text: "fsck", Bad: `checks.txt:1:1: unknown command "fsck"`},

		"a shorter way":        schedule("140m", "1h", "195h", "90s", 10, ""),
		"daily":                schedule("1d", "8d", "8d", "1m", 7, "as long as the newest base backup is old"),
		"all are kept":         schedule("2h", "8d", "8d", "1m", 8, "each base backup is 200 GB"),
		"a week, to the hour":  schedule("2h", "6h", "7d", "1m", 8, "how old is the next"),
		"every hour":           schedule("1h", "6h", "8d", "1m", 9, "loads the server"),
		"too slow an archive":  schedule("2h", "6h", "8d", "2m", 8, "until the segment is stored"),
		"nothing but the last": schedule("2h", "1s", "1s", "1m", 8, "when is the oldest"),
		"no unit":              {Task: "schedule", Text: "archive-timeout = 60\n", Bad: `schedule.txt:1:19: "60" is not a duration`},
		"a typing error": {Task: "schedule", Text: "# mine\nkeep-all = 6h\n", Bad: `schedule.txt:2:1: unknown setting ` +
			`"keep-all" (did you mean "keep-all-for"?)`},
		"no value":      {Task: "schedule", Text: "keep-all-for\n", Bad: "this is not a setting"},
		"an empty one":  {Task: "schedule", Text: "keep-all-for =\n", Bad: `"" is not a duration`},
		"twice":         {Task: "schedule", Text: "keep-all-for = 1h\nkeep-all-for = 1h\n", Bad: "keep-all-for is set twice"},
		"one is left":   {Task: "schedule", Text: "keep-all-for = 1h\n", Bad: "archive-timeout is not set"},
		"far too long":  {Task: "schedule", Text: "keep-all-for = 91d\n", Bad: `"91d" is not a duration`},
		"less than one": {Task: "schedule", Text: "keep-all-for = 0s\n", Bad: `"0s" is not a duration`},
	})
}

// What the month comes to can be counted by hand.
func TestSchedule(t *testing.T) {
	const day = 24 * time.Hour
	m := schedule{every: 12 * time.Hour, keepAll: day, keepDaily: 3 * day, archiveTimeout: time.Minute}.run()
	// 119 minutes and 10 hours at most to the newest: 719 minutes of WAL at 10 GB per hour.
	replay := pg.AtSpeed(walGBPerHour*719/60, replaySpeed)
	if want := pg.AtSpeed(databaseGB, copySpeed) + replay + verifyTime; m.rto != want {
		t.Errorf("RTO %s, want %s", m.rto, want)
	}
	if m.rpo != 90*time.Second || m.aDay != 2 {
		t.Errorf("RPO %s, %g a day", m.rpo, m.aDay)
	}
	// The oldest is the first of a day, from three days to just over two days ago.
	if m.back != 2*day+time.Minute {
		t.Errorf("back to %s", m.back)
	}
	// Three days of WAL, with three daily backups and three of the last day, at its most.
	if m.disk > 6*databaseGB+walGBPerHour*72 || m.disk < 5*databaseGB+walGBPerHour*71 {
		t.Errorf("%g GB", m.disk)
	}
}

func FuzzSchedule(f *testing.F) {
	f.Add("base-backup-every = 2h\nkeep-all-for=6h # short\nkeep-daily-for = 8d\narchive-timeout = 1m")
	f.Fuzz(func(t *testing.T, answer string) {
		s, err := readSchedule("s.txt", []byte(answer))
		var bad *lessons.BadAnswer
		if err != nil && !errors.As(err, &bad) {
			t.Fatal(err)
		}
		for name, d := range s.fields() {
			if err == nil && (*d < time.Second || *d > 90*24*time.Hour) {
				t.Errorf("%s is %s", name, *d)
			}
		}
	})
}
