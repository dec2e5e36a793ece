package backupandrestore

import (
	"errors"
	"strings"
	"testing"

	"quorumlab/lessons"
)

// carried is what a runbook gets.
func carried(t *testing.T, survivor bool, keeps int, runbook string) ([]lessons.Mark, error) {
	t.Helper()
	env := &lessons.Env{Dir: t.TempDir(), Version: "test", Say: func(string, ...any) {}}
	return runbookJudge(survivor, keeps).Judge(t.Context(), env, "runbook.txt", []byte(runbook))
}

// A restored cluster that takes orders, and a controller that is not told.
func TestRunbookWithoutABump(t *testing.T) {
	if testing.Short() {
		t.Skip("real members, as in TestLesson")
	}
	t.Parallel()
	ms, err := carried(t, false, inNightly, "restore copy.db 0\nrestore nightly.db 5\nsnapshot n2 after.db\n")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{3, 3, 0, 1} {
		if ms[i].Got != want {
			t.Errorf("%s: %d points, want %d; %s", ms[i].What, ms[i].Got, want, ms[i].Why)
		}
	}
	if !strings.Contains(ms[0].Why, "restore copy.db 0: failed: ") || !strings.Contains(ms[2].Hint, "beyond it") {
		t.Errorf("it says %q and hints %q", ms[0].Why, ms[2].Hint)
	}
}

// A bump that ends just where the controller waits: it hears of each new order, and is never told that
// twenty of its orders no longer exist.
func TestRunbookWithGhosts(t *testing.T) {
	if testing.Short() {
		t.Skip("real members, as in TestLesson")
	}
	t.Parallel()
	ms, err := carried(t, false, inNightly, "restore nightly.db 20\nsnapshot n1 after.db\n")
	if err != nil {
		t.Fatal(err)
	}
	if got, of := lessons.Sum(ms); got != of-3 || !strings.Contains(ms[2].Why,
		"misses 0 of 15 orders, keeps 20 that do not exist") {
		t.Errorf("%d of %d: %+v", got, of, ms)
	}
}

// The other way out with a survivor: force it, and let it grow again.
func TestRunbookForcesAndGrows(t *testing.T) {
	if testing.Short() {
		t.Skip("real members, as in TestLesson")
	}
	t.Parallel()
	ms, err := carried(t, true, atDesk, "force-new-cluster n1\njoin n4\njoin n5\nsnapshot n1 after.db\n")
	if err != nil {
		t.Fatal(err)
	}
	if got, of := lessons.Sum(ms); got != of {
		for _, m := range ms {
			t.Errorf("%d of %d: %s: %s", m.Got, m.Of, m.What, m.Why)
		}
	}
}

func TestRunbookRefuses(t *testing.T) {
	for runbook, want := range map[string]string{
		"restore nightly.db":                      `runbook.txt:1:1: wrong number of arguments for restore: want 2, got 1`,
		"restore nightly.db lots":                 `runbook.txt:1:20: "lots" is not a revision bump`,
		"restore nightly.db 9223372036854775807":  `runbook.txt:1:20: "9223372036854775807" is too much: a revision has 63`,
		"restore nightly.db 99999999999999999999": `runbook.txt:1:20: "99999999999999999999" is too much`,
		"restore nightly.db -1":                   `runbook.txt:1:20: "-1" is not a revision bump`,
		"snapshot n1 ../other.db":                 `runbook.txt:1:13: "../other.db" is not the name of a backup`,
		"force-new-cluster n0":                    `runbook.txt:1:19: unknown member "n0"`,
		strings.Repeat("join n4\n", 21):           `runbook.txt:21:1: an answer has at most 20 commands`,
	} {
		_, err := carried(t, false, inNightly, runbook)
		var bad *lessons.BadAnswer
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", runbook, err, want)
		}
	}
}
