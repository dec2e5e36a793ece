package check_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/raftsim"
)

// play runs a scenario on the sim engine with every check asked.
func play(t *testing.T, e raftsim.Engine, text string) (*sim.Trace, *check.Result) {
	t.Helper()
	s, err := scenarios.Parse("broken.yaml", []byte("name: broken\ntitle: broken on purpose\nengines: [sim]\nexpect: "+
		"[linearizable]\n"+text))
	if err != nil {
		t.Fatal(err)
	}
	safety := check.NewSafety()
	rec := sim.NewRecorder(sim.AllKinds, safety)
	if err := e.Run(context.Background(), s, rec, nil); err != nil {
		t.Fatal(err)
	}
	tr := rec.Trace(s, "sim", "test")
	res := check.Judge(tr, check.WithSafety(safety))
	if saved := check.Judge(tr); !slices.EqualFunc(saved.Verdicts, res.Verdicts,
		func(a, b sim.Verdict) bool { return a.OK == b.OK && a.Why == b.Why }) {
		t.Errorf("judged from the trace: %v\njudged online: %v", saved.Verdicts, res.Verdicts)
	}
	return tr, res
}

// A disk that forgets, and a script that does not say so.
const powerCut = `
cluster: {members: 3}
workload: {rate: 100/s}
steps:
  - {at: 5s, do: crash n1 n2 n3}
  - {at: 6s, do: restart crashed}
run: 30s
`

// Nothing at all goes wrong.
const calm = `
cluster: {members: 3}
workload: {rate: 100/s}
run: 10s
`

// The leader is cut off with a minority, and clients ask on both sides.
const cutOff = `
cluster: {members: 5}
workload: {rate: 200/s, keys: 8}
steps:
  - {at: 5s, for: 6s, do: partition leader n2 | rest}
run: 30s
`

// Entries get lost on their way to the followers, and then the leader goes.
const lossy = `
cluster: {members: 3}
workload: {rate: 100/s}
steps:
  - {at: 5s, for: 4s, do: lose leader -> followers 50%}
  - {at: 8s, for: 6s, do: crash leader}
run: 30s
`

// n1 and n2 stand for the same term. n3 votes for n1, forgets it in a restart, and
// then gets n2's request.
const twoCandidates = `
cluster:
  members: 3
  pre-vote: false
  check-quorum: false
  network: {latency: 1ms}
workload: {rate: 20/s}
steps:
  - {at: 0s, do: cut n1 -> n2}
  - {at: 0s, do: cut n2 -> n1}
  - {at: 0s, do: "delay n3 -> n1 50ms"}
  - {at: 0s, do: "delay n2 -> n3 300ms"}
  - {at: 1100ms, do: cut n1 -> n3}
  - {at: 1100ms, do: restart n3}
  - {at: 3s, do: heal}
run: 20s
`

// timeouts lets n1 and n2 stand for election after a second, and n3 not.
func timeouts(m sim.MemberID, draw int) int {
	if m == 3 {
		return 19
	}
	return 10
}

func TestBrokenSoftwareIsCaught(t *testing.T) {
	for _, tt := range []struct {
		name     string
		engine   raftsim.Engine
		scenario string
		caught   map[string]string // check: part of its reason
	}{
		{"disks that lie about fsync", raftsim.Engine{Bug: raftsim.LyingDisks}, powerCut, map[string]string{
			"no-lost-writes": "acknowledged writes are gone; the first: client 1's put of value 1 to k20 was acknowledged at",
			"revisions":      "before it asked",
			"safety":         "log matching: ",
			"linearizable":   "found nothing at",
		}},
		{"a vote that is not persisted", raftsim.Engine{Bug: raftsim.ForgetVote, Timeouts: timeouts}, twoCandidates,
			map[string]string{
				"safety":         "election safety: n2 became leader of term 2 at",
				"equal-state":    "ended with different states",
				"no-lost-writes": "acknowledged writes are gone",
				"revisions":      "was assigned twice",
				"linearizable":   "had replaced that before",
			}},
		{"stale reads passed off as linearizable", raftsim.Engine{Bug: raftsim.StaleReads}, cutOff, map[string]string{
			"linearizable": "had replaced that before and was acknowledged at",
			"revisions":    "before it asked",
		}},
		{"acknowledgements that nobody gave", raftsim.Engine{Bug: raftsim.ForgeAcks}, lossy, map[string]string{
			"no-panics": "panicked at",
		}},
		{"a state machine that leaves out writes", raftsim.Engine{Bug: raftsim.SkipApply}, calm, map[string]string{
			"equal-state":    "and n3 ended with different states at index",
			"revisions":      "was assigned twice",
			"no-lost-writes": "acknowledged writes are gone",
			"linearizable":   "but ",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tr, res := play(t, tt.engine, tt.scenario)
			if res.OK() {
				t.Error("the result is good")
			}
			for _, v := range res.Verdicts {
				why, caught := tt.caught[v.Check]
				if caught == v.OK || !strings.Contains(v.Why, why) {
					t.Errorf("%s: %v, %s", v.Check, v.OK, v.Why)
				}
				for _, seq := range v.Events {
					if seq == 0 || seq > uint64(len(tr.Events)) {
						t.Errorf("%s: there is no event %d", v.Check, seq)
					}
				}
				delete(tt.caught, v.Check)
			}
			for c := range tt.caught {
				t.Errorf("%s was not asked", c)
			}
			if _, sound := play(t, raftsim.Engine{Timeouts: tt.engine.Timeouts}, tt.scenario); !sound.OK() {
				t.Errorf("without the bug: %v", sound.Verdicts)
			}
		})
	}
}
