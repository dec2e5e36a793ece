package folders

import (
	"testing"

	"quorumlab/scenarios"
	"quorumlab/sim/raftsim"
	"quorumlab/sim/run"
)

// The trace of a run that came to its end has all that tells it from one that was cut.
func TestWholeTracesLackNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the library, on one goroutine")
	}
	for _, e := range scenarios.Library() {
		s, err := e.Scenario()
		if err != nil {
			t.Fatal(err)
		}
		if !s.NamesEngine("sim") {
			continue
		}
		j, err := run.Do(t.Context(), s, raftsim.Engine{}, run.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if lacks := (&Saved{trace: j.Trace}).lacking(); lacks != "" {
			t.Errorf("the trace of %s %s", s.Name, lacks)
		}
	}
}
