package check

import (
	"io"

	"quorumlab/sim"
	"quorumlab/sim/script"
)

// ReadTrace reads a trace. Its errors are those of [sim.ReadTrace]; a statement or an
// expectation in the header that this version does not know is one, too.
func ReadTrace(r io.Reader) (*sim.Trace, error) {
	return sim.ReadTrace(r, sim.Language{Statement: script.Parse, Expectation: ParseExpectation})
}
