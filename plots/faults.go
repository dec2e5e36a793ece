package plots

import (
	"strings"
	"time"

	"quorumlab/plots/chart"
	"quorumlab/sim"
	"quorumlab/sim/script"
)

type faultReader struct {
	members []string
	faults  []chart.Fault
	open    map[uint64]int // by the fault's number
	end     time.Duration
}

func newFaultReader(members []string, end time.Duration) *faultReader {
	return &faultReader{members: members, open: map[uint64]int{}, end: end}
}

func (r *faultReader) take(e *sim.Event) {
	f := chart.Fault{ID: e.ID, From: e.At, To: e.At, Text: shown(e.Note, r.members)}
	if e.Kind == sim.KindFaultFailed {
		f.NotDone = string(sim.NotDoneOutcome(e))
	}
	switch {
	case e.Kind == sim.KindFaultEnded:
		if i, ok := r.open[e.ID]; ok {
			r.faults[i].To = e.At
			delete(r.open, e.ID)
		}
		return
	case e.Kind == sim.KindFaultBegun && lasts(e.Note):
		f.To = r.end
		r.open[e.ID] = len(r.faults)
	}
	r.faults = append(r.faults, f)
}

// shown is a statement as figures show it: "all" in place of the list of all
// members, which says the same in less room.
func shown(statement string, members []string) string {
	if len(members) < 3 {
		return chart.Printable(statement)
	}
	return chart.Printable(strings.ReplaceAll(statement, strings.Join(members, " "), "all"))
}

// lasts reports whether a statement has a band: until its end, or the run's when it
// never ended.
func lasts(statement string) bool {
	verb, _, _ := strings.Cut(statement, " ")
	v := script.VerbNamed(verb)
	return v != nil && v.Lasts
}
