package check

import (
	"io"

	"quorumlab/sim"
	"quorumlab/sim/script"
)

// ReadTrace reads a trace. Its errors are those of [sim.ReadTrace]; a statement or an
// expectation in the header that this version does not know is one, too.
func ReadTrace(r io.Reader) (*sim.Trace, error) { return sim.ReadTrace(r, language) }

// StreamTrace reads a trace of which only so many events may be in memory; see [sim.StreamTrace].
func StreamTrace(r io.Reader, events int) (*sim.Trace, error) {
	return sim.StreamTrace(r, language, events)
}

var language = sim.Language{Statement: script.Parse, Expectation: ParseExpectation}
