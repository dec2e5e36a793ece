package main

import (
	"fmt"
	"runtime/debug"

	"quorumlab/sim"
	"quorumlab/sim/run"
)

// notOurs is what of a process's memory the collector does not manage: the program itself, for the most part.
const notOurs = 70_000_000

// holdMemory has the collector hold the memory that runs of a scenario on sim may take, at once, until done is called:
// with gcPercent alone a long run would take five times what it needs. On other engines it holds nothing, since
// real members need what they need.
func holdMemory(e sim.Engine, s *sim.Scenario, atOnce int) (done func()) {
	return holdMemoryOf(e.Name(), run.Memory(s), 0, atOnce)
}

// holdMemoryOf is holdMemory for runs that take that many bytes each, beside others that all of them share.
func holdMemoryOf(engine string, each, shared int64, atOnce int) (done func()) {
	if engine != "sim" {
		return func() {}
	}
	before := debug.SetMemoryLimit(-1)
	debug.SetMemoryLimit(min(before, holding(each, shared, atOnce)-notOurs))
	return func() { debug.SetMemoryLimit(before) }
}

// holding is how many bytes of memory a process takes with that many runs at once, of so many bytes each, beside what
// all of them share.
func holding(each, shared int64, atOnce int) int64 {
	return notOurs + (each-notOurs)*int64(atOnce) + shared
}

func megabytes(n int64) string { return fmt.Sprintf("%d MB", n/1_000_000) }
