// Package plottest has what the tests of figures and of pages share: traces that no engine's change
// can move, and looks at pictures.
package plottest

import "quorumlab/sim"

// own are the traces of figures for which Small and Play have nothing.
var own = map[string]func() *sim.Trace{}

// onEtcdAlone are other figures of what simulated members do not have: they have no metrics.
var onEtcdAlone = []string{"alerts"}

// Own is the trace that a figure needs to itself, or nil: Small and Play have something for it.
func Own(figure string) *sim.Trace {
	if t := own[figure]; t != nil {
		return t()
	}
	return nil
}

// OfOtherRuns is how many figures a run of the sim engine has nothing for.
func OfOtherRuns() int { return len(own) + len(onEtcdAlone) }
