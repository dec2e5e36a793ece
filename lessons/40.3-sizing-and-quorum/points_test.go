package sizingandquorum

import (
	"context"
	"testing"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"

	"quorumlab/lessons"
	"quorumlab/plots/chart"
	"quorumlab/sim/plan"
)

func TestSurvived(t *testing.T) {
	for want, goesOn := range map[string][]bool{"any": {true, true}, "none": {false, false}, "only b": {false, true},
		"only a or c": {true, false, true}} {
		if got := (placed{GoesOn: goesOn}).survived(); got != want {
			t.Errorf("%v: got %q, want %q", goesOn, got, want)
		}
	}
}

// TestTellTolerances: a size that does not keep to the rule is named, and a member that an even
// size gains is counted.
func TestTellTolerances(t *testing.T) {
	o := &lessons.Observations{}
	tellTolerances(o, []tolerance{{1, 0, 0, 0}, {2, 0, 1, -1}, {3, 1, 1, 1}})
	if f, _ := o.Fact("rule"); f.Text != "not for 2 members" {
		t.Errorf("rule: %q", f.Text)
	}
	if f, _ := o.Fact("gained.even"); f.Value != 1 {
		t.Errorf("gained.even: %v", f.Value)
	}
	if _, ok := o.Fact("tolerates.2.real"); ok {
		t.Error("a size that was not tried has a fact")
	}
}

func TestAnswerWords(t *testing.T) {
	for want, err := range map[string]error{"answers": nil, "no answer": context.DeadlineExceeded,
		"refused": rpctypes.ErrMemberLearnerNotReady} {
		if got := answer(err); got != want {
			t.Errorf("%v: got %q, want %q", err, got, want)
		}
	}
}

func TestZonesChartLeavesOutZonesThatAreNotThere(t *testing.T) {
	c := zonesChart([]placed{{Placement: plan.Placement{2, 1}, GoesOn: []bool{false, true}}})
	cells := c.Panels[0].(chart.Matrix).Rows[0].Cells
	if cells[0].Mood != chart.Bad || cells[1].Mood != chart.Good || cells[2].Mood != chart.Blank {
		t.Errorf("cells: %+v", cells)
	}
}

func TestWeakest(t *testing.T) {
	for zone, p := range map[int]plan.Placement{0: {3, 2}, -1: {2, 2, 1}} {
		if got := weakest(p); got != zone {
			t.Errorf("%s: got %d, want %d", p, got, zone)
		}
	}
}
