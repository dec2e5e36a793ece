package monitoring

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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

// judged is a task's marks for an answer.
func judged(t *testing.T, judge lessons.JudgeFunc, answer string) []lessons.Mark {
	t.Helper()
	ms, err := judge(t.Context(), nil, "rules.yaml", []byte(answer))
	if err != nil {
		t.Fatal(err)
	}
	return ms
}

// missed are what an answer got no points for.
func missed(ms []lessons.Mark) (what []string) {
	for _, m := range ms {
		if m.Got < m.Of {
			what = append(what, m.What)
		}
	}
	return what
}

func rule(expr, hold string) string {
	return "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: " + expr + "\n    for: " + hold + "\n"
}

func TestOtherAnswersToTheSlowDisk(t *testing.T) {
	for expr, hold := range map[string]string{
		`increase(etcd_disk_wal_fsync_duration_seconds_sum[3m]) > 0.3 * increase(etcd_disk_wal_fsync_duration_seconds_count[3m])`: "9m",
		`rate(etcd_disk_wal_fsync_duration_seconds_sum[2m]) / rate(etcd_disk_wal_fsync_duration_seconds_count[2m]) > 0.4`:         "8m",
	} {
		if what := missed(judged(t, judgeFsync, rule("'"+expr+"'", hold))); what != nil {
			t.Errorf("%s misses %q", expr, what)
		}
	}
}

func TestWrongAnswersToTheSlowDisk(t *testing.T) {
	hasty := judged(t, judgeFsync, rule("histogram_quantile(0.99, "+
		"rate(etcd_disk_wal_fsync_duration_seconds_bucket[5m])) > 0.5", "1m"))
	i := slices.IndexFunc(hasty, func(m lessons.Mark) bool { return strings.Contains(m.What, "only 3 minutes") })
	if hasty[i].Got != 0 || !strings.Contains(hasty[i].Hint, "`for` longer") {
		t.Errorf("a hasty rule: %+v", hasty[i])
	}
	if got, _ := lessons.Sum(judged(t, judgeFsync, rule("etcd_disk_nothing_of_the_kind > 1", "1m"))); got != 0 {
		t.Errorf("a rule that is always silent gets %d points", got)
	}
}

// What fires on something else than slow fsyncs gets no full marks: on a cluster with little to do, on one
// with much, on a member by its name, on the leader only.
func TestLuckyAnswersToTheSlowDisk(t *testing.T) {
	const model = `histogram_quantile(0.99, rate(etcd_disk_wal_fsync_duration_seconds_bucket[5m])) > 0.25`
	for name, c := range map[string]struct{ expr, misses string }{
		"few fsyncs": {`rate(etcd_disk_wal_fsync_duration_seconds_count[5m]) < 0.05`,
			"is silent when all is well, however little or much is written"},
		"few proposals": {`rate(etcd_server_proposals_committed_total[5m]) < 0.5`,
			"is silent when all is well, however little or much is written"},
		"much in fsyncs": {`rate(etcd_disk_wal_fsync_duration_seconds_sum[5m]) > 0.008`,
			"is silent when all is well, however little or much is written"},
		"a name": {model + ` and on (instance) up{instance="n1"}`, "fires while a disk is slow (from 3 to 21 min)"},
		"the leader only": {model + ` and on (instance) etcd_server_is_leader == 1`,
			"fires while a disk is slow (from 3 to 21 min)"},
	} {
		ms := judged(t, judgeFsync, rule("'"+c.expr+"'", "10m"))
		if !slices.Contains(missed(ms), c.misses) {
			t.Errorf("%s: %+v", name, ms)
		}
	}
}

// Members are not known by their names.
func TestLuckyAnswerToTheDead(t *testing.T) {
	answer := strings.ReplaceAll(string(deadModel), `up{job="etcd"} == 0`, `up{job="etcd", instance=~"n2|n3"} == 0`)
	ms := judged(t, judgeDead, answer)
	if ms[0].Got+ms[1].Got == ms[0].Of+ms[1].Of {
		t.Errorf("%+v", ms)
	}
}

// In the healthy recording nothing happens to a disk either.
func TestHealthyDisks(t *testing.T) {
	r, err := changedRecord("healthy", nil)
	if err != nil {
		t.Fatal(err)
	}
	const p99 = `histogram_quantile(0.99, rate(etcd_disk_wal_fsync_duration_seconds_bucket[5m])) > 0.1`
	for i := range r.moments {
		slow, err := r.instances(t.Context(), p99, i)
		if err != nil || len(slow) > 0 {
			t.Errorf("at moment %d the disks of %q are slow: %v", i, slow, err)
		}
	}
}

func TestOtherAnswersToTheDead(t *testing.T) {
	const answer = `
groups:
  - name: g
    rules:
      - alert: Silent
        expr: max_over_time(up{job="etcd"}[5m]) == 0
        for: 1m
      - alert: Lost
        expr: count(up{job="etcd"} == 1) < 2 or absent(up{job="etcd"} == 1)
        for: 4m
        labels: {severity: critical}
`
	if what := missed(judged(t, judgeDead, answer)); what != nil {
		t.Errorf("misses %q", what)
	}
}

func TestWrongAnswersToTheDead(t *testing.T) {
	ms := judged(t, judgeDead, rule("up == 0", "0s"))
	if d := cmp.Diff([]string{
		"is critical when the quorum is lost", "is not critical when one of three has died",
		"fires when the scraper has lost all its targets (from 4 min on)",
		"is silent when each member is down for up to 4 minutes, one after the other",
	}, missed(ms)); d != "" {
		t.Error(d)
	}
}

// What can't be read is told with its place, by Prometheus' own parser.
func TestUnreadableRules(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"plain expression": {rule("rate(up[5m] > 1", "1m"), "rules.yaml:5:"},
		"quoted":           {rule("'up >> 1'", "1m"), "rules.yaml:5:1"},
		"block": {"groups:\n- name: g\n  rules:\n  - alert: A\n    expr: |\n      up\n      == ==\n",
			"rules.yaml:7:"},
		"unknown field": {"groups:\n- name: g\n  rules:\n  - alert: A\n    exp: up\n", "rules.yaml:5:1: field exp " +
			"not found"},
		"a time that is none": {rule("up", "soon"), "rules.yaml:"},
		"no YAML":             {"groups: [", "rules.yaml:"},
		"nothing":             {"", "rules.yaml: it has no alerts"},
		"a recording rule": {"groups:\n- name: g\n  rules:\n  - record: a:b\n    expr: up\n", "rules.yaml: recording " +
			"rule a:b"},
	} {
		_, err := readRules("rules.yaml", []byte(c.text))
		var bad *lessons.BadAnswer
		if !errors.As(err, &bad) || !strings.HasPrefix(bad.Error(), c.want) {
			t.Errorf("%s: got %q, want %q", name, err, c.want)
		}
	}
	_, err := judgeFsync(t.Context(), nil, "rules.yaml", []byte(rule("up * on (job) up", "1m")))
	var bad *lessons.BadAnswer
	if !errors.As(err, &bad) || !strings.Contains(bad.Error(), "many-to-many") {
		t.Errorf("a rule that can't be evaluated: %v", err)
	}
}

func TestInterruptedJudging(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	end()
	if _, err := judgeDead(ctx, nil, "rules.yaml", deadModel); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// The curve is Prometheus' own answer: nearly the upper edge of each bucket.
func TestBucketCurve(t *testing.T) {
	got, err := bucketCurve(t.Context(), []float64{0.256, 0.512, 1.024})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []step{{0, 0.256, 0.25344}, {0.256, 0.512, 0.50944}, {0.512, 1.024, 1.01888}} {
		if d := got[i].reads - want.reads; d > 1e-9 || d < -1e-9 || got[i].above != want.above || got[i].to != want.to {
			t.Errorf("step %d is %v, want %v", i, got[i], want)
		}
	}
	if got := firesFrom(got, 0.5); got != 0.256 {
		t.Errorf("a rule > 0.5 fires from %v s", got)
	}
}

func TestParsePage(t *testing.T) {
	p, err := parsePage([]byte("# HELP etcd_a b\n# TYPE etcd_a gauge\netcd_a 1\ngrpc_b{c=\"d\"} 2\ngrpc_b{c=\"e\"} " +
		"3\nother 4\n"))
	if err != nil {
		t.Fatal(err)
	}
	if p.series != 4 || p.names["grpc_b"] != 2 || p.values["etcd_a"] != 1 {
		t.Errorf("got %+v", p)
	}
	if d := cmp.Diff([]int{0, 1, 2, 0, 0, 1}, p.byFamily()); d != "" {
		t.Error(d)
	}
	if _, err := parsePage([]byte("a{")); err == nil {
		t.Error("half a series was read")
	}
}
