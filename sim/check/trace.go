package check

import (
	"io"

	"quorumlab/sim"
)

// ReadTrace reads a trace. Its errors are those of [sim.ReadTrace]; a statement or an
// expectation in the header that this version does not know is one, too.
func ReadTrace(r io.Reader) (*sim.Trace, error) {
	return sim.ReadTrace(r, sim.Language{Statement: sim.ParseStatement, Expectation: sim.ParseExpectation})
}
