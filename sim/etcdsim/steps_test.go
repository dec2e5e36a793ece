package etcdsim

import (
	"strings"
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/script"
)

// TestStepsAreToldAsTheyWere: what became of each statement of a script, by whose word, and never as done
// what was not. A line is a statement and, behind the arrow, its outcome and a part of the reason; without
// an arrow it is done. What takes as long as the machine likes may come to any outcome.
func TestStepsAreToldAsTheyWere(t *testing.T) {
	long(t)
	for _, tt := range []struct {
		name    string
		members int
		run     time.Duration
		script  string
	}{
		{"a compaction of the future", 1, 2 * time.Second, `
			1s compact 1000000 -> refused required revision is a future revision`},
		{"of a member that is up", 3, 8 * time.Second, `
			500ms put city Oslo
			600ms fill 8 64KiB
			1s compact
			1200ms delete 4
			1500ms move-leader n1
			2s defrag n3
			2500ms quota 1GiB
			2600ms disarm
			2800ms compare-hashes
			3s snapshot
			3100ms heal
			3200ms +100ms watch city
			3400ms +100ms slow-disk n3 1ms
			3600ms +100ms isolate n3
			4s +500ms pause n3
			6s +200ms crash n3
			7s restart n3`},
		{"changes of the members", 3, 16 * time.Second, `
			5500ms add-learner n4 retry
			6500ms promote n4 retry
			7500ms remove n3 retry
			9s promote n4 retry -> refused can only promote a learner
			9500ms add-learner n4 retry -> refused already exists
			10s remove n3 retry -> refused member not found`},
		{"of a member that is down", 3, 9 * time.Second, `
			700ms move-leader n1
			4s crash n3
			4200ms put city Oslo
			4300ms compact
			4500ms crash n3
			4600ms pause n3 -> refused n3 is down and can't be paused
			4700ms resume n3
			4900ms defrag n3 -> refused n3: the member is down
			5s hold-snapshot n3 -> refused n3 is down or paused
			5100ms +100ms slow-disk n3 1ms
			5200ms +100ms isolate n3
			5300ms fill 8 64KiB
			5500ms snapshot
			5700ms compare-hashes
			6s wipe n3
			6200ms corrupt n3 -> refused
			7s move-leader n3 -> failed`},
		{"of a member that crashes meanwhile", 3, 8 * time.Second, `
			500ms fill 64 64KiB -> any
			4s hold-snapshot n3 -> undone the connection to n3 was lost, and the snapshot with it
			4500ms pause n3 -> undone n3 crashed
			5s crash n3`},
		{"of a member that crashes while its file is rewritten", 3, 8 * time.Second, `
			500ms fill 64 64KiB -> any
			4s hold-snapshot n3 -> undone the connection to n3 was lost
			4500ms defrag n3 -> failed it went down before its file was rewritten
			5s crash n3`},
		{"a defragmentation that waits for a reader", 1, 6 * time.Second, `
			500ms fill 64 64KiB -> any
			4s hold-snapshot n1
			5s defrag n1 -> unfinished not done before the end of the run`},
		{"a restore without a snapshot", 1, 2 * time.Second, `
			1s restore -> refused no snapshot`},
		{"without a majority", 3, 4 * time.Second, `
			1s crash n1 n2
			2s compact -> unfinished
			2100ms fill 4 1KiB -> unfinished
			2200ms put city Oslo -> failed
			2300ms remove n1 -> unfinished`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var steps, outcomes, reasons []string
			for line := range strings.Lines(strings.TrimSpace(tt.script)) {
				step, end, _ := strings.Cut(strings.TrimSpace(line), " -> ")
				outcome, why, _ := strings.Cut(end, " ")
				steps, reasons = append(steps, step), append(reasons, why)
				if outcome == "" {
					outcome = "done"
				}
				outcomes = append(outcomes, outcome)
			}
			s := scenario(t, tt.members, tt.run, steps...)
			s.Workload.Clients = 0
			tr := trace(t, s)
			for i, got := range check.Steps(tr) {
				if outcomes[i] == "any" {
					continue
				}
				if string(got.Outcome) != outcomes[i] || !strings.Contains(got.Why, reasons[i]) {
					t.Errorf("%s was %s because %q; want %s, %q", steps[i], got.Outcome, got.Why, outcomes[i], reasons[i])
				}
				later := script.VerbNamed(s.Steps[i].Do.Verb).Later
				if n := told(tr, i); later && got.Outcome == sim.StepDone && n != 1 {
					t.Errorf("%d events say when %s was done", n, steps[i])
				}
			}
		})
	}
}

// told is how many events say that a step, from 0, was done.
func told(tr *sim.Trace, step int) (n int) {
	for _, e := range tr.Events {
		if e.Kind == sim.KindFaultDone && int(e.Count) == step+1 {
			n++
		}
	}
	return n
}
