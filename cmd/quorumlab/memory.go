package main

import (
	"runtime/debug"

	"quorumlab/sim"
	"quorumlab/sim/run"
)

// notOurs is what of a process's memory the collector does not manage: the program itself, for the most part.
const notOurs = 60_000_000

// holdMemory has the collector hold the memory that runs of a scenario on sim may take, at once, until done is called:
// with gcPercent alone a long run would take five times what it needs. On other engines it holds nothing, since
// real members need what they need.
func holdMemory(e sim.Engine, s *sim.Scenario, atOnce int) (done func()) {
	if e.Name() != "sim" {
		return func() {}
	}
	before := debug.SetMemoryLimit(-1)
	debug.SetMemoryLimit(min(before, (run.Memory(s)-notOurs)*int64(atOnce)))
	return func() { debug.SetMemoryLimit(before) }
}
