package plots

import (
	"testing"

	"quorumlab/sim"
)

// What fits no page is counted, and a client that this program does not know has a row all the same.
func TestAccessLeavesOutWhatDoesNotFit(t *testing.T) {
	tr := &sim.Trace{}
	for range mostVisits + 3 {
		tr.Events = append(tr.Events, sim.Event{Kind: sim.KindAccess, Client: 99, Count: 77, Result: sim.OutcomeFailed,
			Note: "no"})
	}
	p, err := access(Read(tr))
	if err != nil {
		t.Fatal(err)
	}
	if a := p.(accessPoints); len(a.Visits) != mostVisits || a.LeftOut != 3 {
		t.Errorf("%d rows and %d left out", len(a.Visits), a.LeftOut)
	}
	drawn(t, tr)
}
