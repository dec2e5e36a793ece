package run

import (
	"fmt"
	"time"

	"quorumlab/sim"
)

// Bounded is the name of the check that fails for a run that was ended before its time, because it had too many
// events or because virtual time stood still.
const Bounded = "bounded"

// bounded is the engine, ending a run with too many events if it can. One in real time
// needs no bound: its runs end when their time is over.
func bounded(e sim.Engine, s *sim.Scenario, most int) sim.Engine {
	b, ok := e.(sim.Bounder)
	if !ok || most < 0 {
		return e
	}
	if most == 0 {
		most = MostEvents(s)
	}
	return b.Bounded(most)
}

// MostEvents is a number of events that no healthy run of a scenario reaches: several times what its
// heartbeats and operations take, and two million for what goes wrong in between.
func MostEvents(s *sim.Scenario) int {
	members := float64(len(s.Members()))
	beats := max(5000, 8*members*members/heartbeat(s))
	perSecond := beats + 48*members*float64(mostRate(s))
	return 2_000_000 + int(min(perSecond*s.Run.Seconds(), 1e12))
}

// mostRate is how many operations a second the clients do at most, also those of a closed loop, of which
// it is a guess: each begins its next one when the last was answered.
func mostRate(s *sim.Scenario) int {
	rate := s.Workload.Rate
	if rate == 0 {
		rate = 400 * s.Workload.Clients
	}
	for _, st := range s.Steps {
		rate = max(rate, st.Do.Pace.Most())
	}
	return rate
}

// heartbeat is the time between two of them in seconds, at least a millisecond.
func heartbeat(s *sim.Scenario) float64 { return max(s.Cluster.Heartbeat, time.Millisecond).Seconds() }

// What a run on sim takes of the memory, in bytes. Of each operation its two events stay until all is judged, and what
// the checks work out of them; all else that happens goes to a temporary file.
const (
	memoryOfRun       = 110_000_000
	memoryOfOperation = 400
	mostMemory        = 8_000_000_000 // a run that would take more is refused before it starts
)

// MemoryOfReport is how many bytes a report takes on top while it is written: the run in it is packed.
const MemoryOfReport = 60_000_000

// Memory is how many bytes of memory a run on sim takes at most, as long as its clients do no more than the scenario
// says. For clients that ask again as soon as they are answered it is a guess.
func Memory(s *sim.Scenario) int64 {
	operations := float64(mostRate(s)) * s.Run.Seconds()
	return memoryOfRun + int64(operations*memoryOfOperation)
}

// fits reports why a run would not fit in memory, or nothing.
func fits(s *sim.Scenario) error {
	if s.Workload.Rate == 0 {
		return nil // nobody knows how much its clients ask for
	}
	if need := Memory(s); need > mostMemory {
		return BadInput("a shorter run or a lower rate takes less", "a run of %s at %s takes %s of memory, more than "+
			"the %s that a run may take", sim.FormatDuration(s.Run), sim.FormatRate(mostRate(s)), gigabytes(need),
			gigabytes(mostMemory))
	}
	return nil
}

func gigabytes(n int64) string { return fmt.Sprintf("%.0f GB", float64(n)/1e9) }
