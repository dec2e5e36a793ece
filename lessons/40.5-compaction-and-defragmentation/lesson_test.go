package compactionanddefragmentation

import (
	"errors"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"quorumlab/lessons"
	"quorumlab/lessons/lessontest"
	"quorumlab/sim/etcdsim/cluster"
)

func TestMain(m *testing.M) {
	cluster.Main()
	goleak.VerifyTestMain(m)
}

func TestLesson(t *testing.T) { lessontest.Whole(t, Lesson()) }

func env(t *testing.T) *lessons.Env {
	return &lessons.Env{Dir: t.TempDir(), Version: "test", Say: func(string, ...any) {}}
}

// Room is made, but on the way the leader stands still, and the alarm is cleared too early.
func TestLadderWithStandstill(t *testing.T) {
	if testing.Short() {
		t.Skip("real members, as in TestLesson")
	}
	t.Parallel()
	ms, err := ladderJudge.Judge(t.Context(), env(t), "space.txt",
		[]byte("compact\ndisarm\ndefrag n1\ndefrag n2\ndefrag n3\ndisarm\n"))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{4, 2, 2, 0, 0} {
		if ms[i].Got != want {
			t.Errorf("%s: %d points, want %d; %s", ms[i].What, ms[i].Got, want, ms[i].Why)
		}
	}
	if !strings.Contains(ms[3].Why, "leader while defragmented: n1") {
		t.Errorf("it says %q", ms[3].Why)
	}
}

// All that is asked for, but with more compactions than anybody needs.
func TestLadderTwice(t *testing.T) {
	if testing.Short() {
		t.Skip("real members, as in TestLesson")
	}
	t.Parallel()
	ms, err := ladderJudge.Judge(t.Context(), env(t), "space.txt", []byte("compact\ncompact\n"+string(ladderModel)+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	got, of := lessons.Sum(ms)
	if last := ms[len(ms)-1]; got != of-1 || last.Got != 0 || !strings.HasSuffix(last.Why,
		"done more than once: compact") {
		t.Errorf("%d of %d; %+v", got, of, ms)
	}
}

// Another order, and another leader, do as well.
func TestLadderOtherwise(t *testing.T) {
	if testing.Short() {
		t.Skip("real members, as in TestLesson")
	}
	t.Parallel()
	ms, err := ladderJudge.Judge(t.Context(), env(t), "space.txt",
		[]byte("put\nmove-leader n3\ncompact\ndefrag n1\ndefrag n2\nmove-leader n1\ndefrag n3\ndisarm\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got, of := lessons.Sum(ms); got != of {
		for _, m := range ms {
			t.Errorf("%d of %d: %s: %s", m.Got, m.Of, m.What, m.Why)
		}
	}
}

func TestSettings(t *testing.T) {
	load := "write-rate: 300/s\nkeys: 20000\nkey-size: 64B\nvalue-size: 2KiB\n"
	for name, test := range map[string]struct {
		answer string
		got    int
		says   string
	}{
		"a little more history": {load + "history: 12m\nquota: 8GiB\n", 10, "revisions are kept for 12m"},
		"a small quota":         {load + "history: 10m\nquota: 2GiB\n", 7, "the quota is full after"},
		"another load": {strings.Replace(load, "300", "3", 1) + "history: 10m\nquota: 8GiB\n", 0,
			"the load is fixed"},
		"more than etcd advises": {load + "history: 10m\nquota: 20GiB\n", 0, "20GiB is over the 8GiB"},
	} {
		t.Run(name, func(t *testing.T) {
			ms, err := settingsJudge.Judge(t.Context(), env(t), "settings.yaml", []byte(test.answer))
			if err != nil {
				t.Fatal(err)
			}
			var said strings.Builder
			for _, m := range ms {
				said.WriteString(m.Why + "\n")
			}
			if got, _ := lessons.Sum(ms); got != test.got || !strings.Contains(said.String(), test.says) {
				t.Errorf("got %d points, want %d and %q:\n%s", got, test.got, test.says, said.String())
			}
		})
	}
}

func TestUnreadableAnswers(t *testing.T) {
	for _, test := range []struct {
		judge        lessons.Judge
		answer, want string
	}{
		{ladderJudge, "defrag n4", `answer:1:8: unknown member "n4"`},
		{ladderJudge, "wipe n1", `answer:1:1: unknown command "wipe"`},
		{ladderJudge, strings.Repeat("put\n", 31), "answer:31:1: an answer has at most 30 commands"},
	} {
		_, err := test.judge.Judge(t.Context(), env(t), "answer", []byte(test.answer))
		var bad *lessons.BadAnswer
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got %v, want %s", test.answer, err, test.want)
		}
	}
}
