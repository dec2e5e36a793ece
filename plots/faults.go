package plots

import (
	"strings"
	"time"

	"quorumlab/sim"
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

func readFaults(t *sim.Trace, end time.Duration) []Fault {
	var fs []Fault
	open := map[uint64]int{} // by the fault's number
	for i := range t.Events {
		switch e := &t.Events[i]; e.Kind {
		case sim.KindFaultBegun:
			f := Fault{ID: e.ID, From: e.At, To: e.At, Text: printable(e.Note)}
			if lasts(e.Note) {
				f.To = end
				open[e.ID] = len(fs)
			}
			fs = append(fs, f)
		case sim.KindFaultEnded:
			if i, ok := open[e.ID]; ok {
				fs[i].To = max(fs[i].From, e.At)
				delete(open, e.ID)
			}
		case sim.KindFaultFailed:
			fs = append(fs, Fault{ID: e.ID, From: e.At, To: e.At, Text: printable(e.Note), Failed: true})
		}
	}
	return fs
}

// lasts tells whether a statement has a band: until its end, or the run's when it
// never ended.
func lasts(statement string) bool {
	verb, _, _ := strings.Cut(statement, " ")
	v := sim.VerbNamed(verb)
	return v != nil && v.Lasts
}
