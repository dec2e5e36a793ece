package run

import (
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
