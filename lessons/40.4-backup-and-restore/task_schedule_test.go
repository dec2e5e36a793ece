package backupandrestore

import (
	"errors"
	"strings"
	"testing"

	"quorumlab/lessons"
)

func judged(t *testing.T, answer string) []lessons.Mark {
	t.Helper()
	ms, err := judgeSchedule(t.Context(), nil, "schedule.yaml", []byte(answer))
	if err != nil {
		t.Fatal(err)
	}
	return ms
}

func TestScheduleJudge(t *testing.T) {
	for name, test := range map[string]struct {
		answer string
		got    int
		says   string // somewhere in what is said
	}{
		"without checks, but more often": {"every: 14m\ncheck: false\nkeep-all: 1d\nkeep-daily: 16d\nbump: 100000000\n", 10,
			"would have lost 29m"},
		"a little less often": {"every: 15m\ncheck: false\nkeep-all: 1d\nkeep-daily: 16d\nbump: 100000000\n", 6,
			"would have lost 31m"},
		"everything for long": {"every: 15m\ncheck: true\nkeep-all: 16d\nkeep-daily: 16d\nbump: 100000000\n", 8,
			"take up to 922 GB"},
		"a bump of more than 32 bits": {"every: 15m\ncheck: true\nkeep-all: 1d\nkeep-daily: 16d\nbump: 2147483648\n", 10,
			"the bump is 2147483648"},
		"a million, as in examples": {"every: 15m\ncheck: true\nkeep-all: 1d\nkeep-daily: 16d\nbump: 1000000\n", 8,
			"the bump is 1000000"},
		"nothing at all": {"every: 7d\ncheck: false\nkeep-all: 0d\nkeep-daily: 0d\nbump: 1000000000\n", 0, "not judged"},
		"nothing from before": {"every: 15m\ncheck: true\nkeep-all: 1d\nkeep-daily: 7d\nbump: 100000000\n", 8,
			"made 14 days ago"},
	} {
		t.Run(name, func(t *testing.T) {
			ms := judged(t, test.answer)
			got, _ := lessons.Sum(ms)
			var said strings.Builder
			for _, m := range ms {
				said.WriteString(m.Why + "\n")
			}
			if got != test.got || !strings.Contains(said.String(), test.says) {
				t.Errorf("got %d points, want %d and %q:\n%s", got, test.got, test.says, said.String())
			}
		})
	}
}

func TestScheduleJudgeRefuses(t *testing.T) {
	for answer, want := range map[string]string{
		"every: 15\n":          "schedule.yaml:1:8: ",
		"every: 15m\nrpo: 3\n": `unknown field "rpo"`,
		"every: 1m\ncheck: true\nkeep-all: 1d\nkeep-daily: 1d\nbump: 1\n": "every must be between 5m " +
			"and 7d",
		"every: 15m\ncheck: true\nkeep-all: 1d\nkeep-daily: 1d\nbump: -1\n": "schedule.yaml:5:7: bump " +
			"must be between 0 and 4611686018427387904",
		"every: 15m\ncheck: true\nkeep-all: 1d\nkeep-daily: 1d\nbump: 9223372036854775807\n": "a revision has 63 bits",
		"every: 15m\ncheck: true\nkeep-all: 1d\nkeep-daily: 1d\nbump: 9223372036854775808\n": "schedule.yaml:5:7: bump: " +
			"9223372036854775808 is out of range: it has at most 64 bits",
	} {
		_, err := judgeSchedule(t.Context(), nil, "schedule.yaml", []byte(answer))
		var bad *lessons.BadAnswer
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", answer, err, want)
		}
	}
}
