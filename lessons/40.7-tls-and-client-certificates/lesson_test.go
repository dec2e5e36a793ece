package tlsandclientcertificates

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"quorumlab/lessons"
	"quorumlab/lessons/lessontest"
	"quorumlab/plots/chart"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

func TestMain(m *testing.M) {
	cluster.Main()
	goleak.VerifyTestMain(m)
}

func TestLesson(t *testing.T) { lessontest.Whole(t, Lesson()) }

func environment(t *testing.T) *lessons.Env {
	return &lessons.Env{Dir: t.TempDir(), Version: "test", Say: func(string, ...any) {}}
}

// missed are what an answer got no points for.
func missed(t *testing.T, judge lessons.Judge, answer string) (ms []lessons.Mark, what []string) {
	t.Helper()
	ms, err := judge.Judge(t.Context(), environment(t), "answer", []byte(answer))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range ms {
		if m.Got < m.Of {
			what = append(what, m.What)
		}
	}
	return ms, what
}

func short(t *testing.T) {
	if testing.Short() {
		t.Skip("answers are judged on real members")
	}
	t.Parallel()
}

func TestOtherAnswerToTheRoles(t *testing.T) {
	short(t)
	_, what := missed(t, lessons.JudgeFunc(judgeRoles), `
roles:
  - name: reads
    allow: [{what: read, prefix: app/}]
  - name: writes
    allow: [{what: write, prefix: app/}]
  - name: settings
    allow: [{what: read, key: config/limits}]
users:
  - {name: alice, roles: [reads, writes, settings]}
  - {name: bob, roles: [reads]}
  - {name: stranger}
`)
	if what != nil {
		t.Errorf("misses %q", what)
	}
}

func TestWrongAnswerToTheRoles(t *testing.T) {
	short(t)
	ms, what := missed(t, lessons.JudgeFunc(judgeRoles), `
roles:
  - name: app
    allow: [{what: readwrite, key: app/orders}]
users:
  - {name: alice, roles: [app]}
  - {name: bob, roles: [root]}
`)
	if d := cmp.Diff([]string{"alice can do what the table allows", "alice can do no more", "bob can do no more",
		"stranger can do no more"}, what); d != "" {
		t.Error(d)
	}
	if want := "refused: alice: list app/; alice: get config/limits"; ms[0].Why != want ||
		!strings.Contains(ms[0].Hint, "prefix") {
		t.Errorf("%+v", ms[0])
	}
}

// Whatever is granted beyond the table is tried, wherever it is.
func TestRolesBeyondTheTable(t *testing.T) {
	short(t)
	for name, c := range map[string]struct {
		role, users string
		misses      []string
	}{
		"a prefix that nobody asks for": {"{what: readwrite, prefix: zoo/}", "- {name: stranger, roles: [more]}",
			[]string{"stranger can do no more"}},
		"one key": {"{what: write, key: config/x}", "- {name: alice, roles: [app-writer, more]}\n  - {name: bob, roles: " +
			"[app-reader, more]}",
			[]string{"alice can do no more", "bob can do no more"}},
		"a prefix that is too short": {"{what: read, prefix: config}", "- {name: alice, roles: [app-writer, more]}",
			[]string{"alice can do no more"}},
		"somebody else": {"{what: read, prefix: app/}", "- {name: carol, roles: [more]}",
			[]string{"stranger can do no more"}},
		"no role at all": {"{what: read, prefix: app/}", "- {name: carol}", nil},
	} {
		answer := strings.Replace(string(rolesModel), "users:\n", "  - {name: more, allow: ["+c.role+"]}\nusers:\n", 1)
		for _, who := range []string{"alice", "bob"} {
			if strings.Contains(c.users, who) {
				answer = regexp.MustCompile("(?m)^  - name: "+who+"\n.*\n").ReplaceAllString(answer, "")
			}
		}
		ms, what := missed(t, lessons.JudgeFunc(judgeRoles), answer+"  "+c.users+"\n")
		if d := cmp.Diff(c.misses, what); d != "" {
			t.Errorf("%s: %s\n%+v", name, d, ms)
		}
	}
}

func TestTooManyPermissions(t *testing.T) {
	_, err := readAccess("answer.yaml", []byte("roles:\n  - name: a\n    allow: ["+strings.Repeat("{what: read, key: "+
		"k}, ", 41)+"]\n"))
	if err == nil || !strings.Contains(err.Error(), "an answer has at most 40 permissions") {
		t.Errorf("got %v", err)
	}
}

func TestUnreadableRoles(t *testing.T) {
	for text, want := range map[string]string{
		"roles:\n  - name: a\n    allow: [{what: reed, key: k}]\n": `answer.yaml:3:20: "reed" is not a permission: use read, write or readwrite`,
		"roles:\n  - name: a\n    allow: [{what: read}]\n": "answer.yaml:3:13: a permission is for one key or for " +
			"one prefix",
		"users:\n  - {name: alice, roles: [b]}\n": `answer.yaml:2:27: there is no role "b"; roles are root`,
		"users:\n  - {name: root}\n":              "answer.yaml:2:12: user root exists already",
		"rolls: []\n":                             `answer.yaml:1:1: unknown field "rolls" (did you mean "roles"?)`,
	} {
		_, err := readAccess("answer.yaml", []byte(text))
		var bad *lessons.BadAnswer
		if !errors.As(err, &bad) || !strings.HasPrefix(bad.Error(), want) {
			t.Errorf("got %q, want %q", err, want)
		}
	}
}

func TestOtherOrderOfTheRotation(t *testing.T) {
	short(t)
	_, what := missed(t, rotationJudge,
		"members-trust-both\nrestart-members\nclients-show-new\nclients-trust-both\nmembers-show-new\n"+
			"clients-trust-new\nmembers-trust-new\nrestart-members\n")
	if what != nil {
		t.Errorf("misses %q", what)
	}
}

// Whom members believe changes when they start, so a file alone lets in who has left.
func TestRotationWithoutRestart(t *testing.T) {
	short(t)
	ms, what := missed(t, rotationJudge,
		"clients-trust-both\nmembers-trust-both\nmembers-show-new\nclients-show-new\nmembers-trust-new\nclients-trust-new\n")
	if d := cmp.Diff([]string{"no client is rejected at any time", "no member accepts a certificate from the old CA any " +
		"more"}, what); d != "" {
		t.Error(d)
	}
	if !strings.Contains(ms[0].Why, "the first after line 4, clients-show-new: alice can't connect to n1") ||
		!strings.Contains(ms[2].Hint, "when they start") {
		t.Errorf("%+v\n%+v", ms[0], ms[2])
	}
}

func TestUnreadableRotation(t *testing.T) {
	_, err := rotationJudge.Judge(t.Context(), environment(t), "rotation.txt",
		[]byte("members-trust-both\n  members-trust-all\n"))
	var bad *lessons.BadAnswer
	if !errors.As(err, &bad) || !strings.HasPrefix(bad.Error(), `rotation.txt:2:3: unknown command "members-trust-all"`) {
		t.Errorf("got %v", err)
	}
}

func TestLongRotation(t *testing.T) {
	_, err := rotationJudge.Judge(t.Context(), environment(t), "rotation.txt", []byte(strings.Repeat("restart-members\n",
		31)))
	if want := "rotation.txt:31:1: an answer has at most 30 commands"; err == nil || !strings.HasPrefix(err.Error(),
		want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestInterruptedStep(t *testing.T) {
	short(t)
	ctx, end := context.WithCancel(t.Context())
	env := environment(t)
	env.Say = func(string, ...any) { end() }
	if _, err := runExpiry(ctx, env); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestCells(t *testing.T) {
	v := visit{kind: sim.ClientAlice, stage: sim.StageAuthorization, granted: 2, asked: 4}
	if got := v.cell(sim.StageAuthorization); got != (chart.Cell{Text: "2 of 4", Mood: chart.Partly}) ||
		v.stopped() != "nowhere" {
		t.Errorf("alice: %+v, stopped %s", got, v.stopped())
	}
	v = visit{kind: sim.ClientExpired, stage: sim.StageHandshake, asked: 1}
	var texts []string
	for _, s := range stageColumns {
		texts = append(texts, v.cell(s).Text)
	}
	if d := cmp.Diff([]string{"passed", "refused", "", ""}, texts); d != "" || v.stopped() != "handshake" {
		t.Errorf("expired: %s, stopped at %s", d, v.stopped())
	}
}

func TestTimes(t *testing.T) {
	for ratio, want := range map[float64]string{0.9: "less than twice", 3: "two to ten times", 40: "more than ten times"} {
		if got := times(ratio); got != want {
			t.Errorf("%v is %s", ratio, got)
		}
	}
}
