package plots

import (
	"strings"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/script"
)

// Fault is a statement of the script as it was carried out: a band on every plot
// over time, or a mark when it was over at once.
type Fault struct {
	ID       uint64
	From, To time.Duration // equal for a mark
	Text     string
	Failed   bool // it could not be carried out
}

// Lasts tells whether the fault is a band.
func (f Fault) Lasts() bool { return f.To > f.From }

type faultReader struct {
	members []string
	faults  []Fault
	open    map[uint64]int // by the fault's number
	end     time.Duration
}

func newFaultReader(members []string, end time.Duration) *faultReader {
	return &faultReader{members: members, open: map[uint64]int{}, end: end}
}

func (r *faultReader) take(e *sim.Event) {
	f := Fault{ID: e.ID, From: e.At, To: e.At, Text: shown(e.Note, r.members), Failed: e.Kind == sim.KindFaultFailed}
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
		return printable(statement)
	}
	return printable(strings.ReplaceAll(statement, strings.Join(members, " "), "all"))
}

// lasts tells whether a statement has a band: until its end, or the run's when it
// never ended.
func lasts(statement string) bool {
	verb, _, _ := strings.Cut(statement, " ")
	v := script.VerbNamed(verb)
	return v != nil && v.Lasts
}
