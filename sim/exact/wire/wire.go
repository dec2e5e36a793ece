// Package wire is what an exact run, the process that makes it and its module say to each other: a scenario goes in, as
// the header of a trace, and events come out, as the lines of one, and at last how it ended.
package wire

import (
	"encoding/json"
	"errors"

	"quorumlab/sim"
)

// Input is what a module reads: the header of a trace of the run. What a run does not depend on, as what is expected of
// it, is left out, so that a change of it changes no run.
func Input(s *sim.Scenario) ([]byte, error) {
	bare := *s
	bare.Engines = []string{"etcd"}
	bare.Name, bare.Title, bare.Chapter, bare.About, bare.Expect = "exact", "", "", "", nil
	h := sim.Header{Format: sim.TraceFormat, Engine: sim.EtcdVirtual, Seed: s.Seed, Scenario: bare}
	for _, m := range s.Members() {
		h.Members = append(h.Members, m.Name)
	}
	line, err := json.Marshal(h)
	return append(line, '\n'), err
}

// End is the last line of a run.
type End struct {
	End   bool   `json:"end"`             // true, which no event has
	Error string `json:"error,omitempty"` // of the run; empty: it ended well
	// Standstill is true of an error that is a sim.ErrStandstill.
	Standstill bool `json:"standstill,omitempty"`
}

// EndOf is the end of a run with an error, or nil.
func EndOf(err error) End {
	if err == nil {
		return End{End: true}
	}
	return End{true, err.Error(), errors.Is(err, sim.ErrStandstill)}
}

// Err is the run's error again; a standstill is a sim.ErrStandstill.
func (e End) Err() error {
	switch {
	case e.Error == "":
		return nil
	case e.Standstill:
		return &standstill{e.Error}
	}
	return errors.New(e.Error)
}

// standstill is a sim.ErrStandstill with what stands still.
type standstill struct{ text string }

func (s *standstill) Error() string        { return s.text }
func (s *standstill) Is(target error) bool { return target == sim.ErrStandstill }
