package check

import "quorumlab/sim"

// Until has the recorder end the run as the scenario says: with the first value of its
// measure. A scenario that says nothing, or names a measure without a meter, runs to its end.
func Until(rec *sim.Recorder, s *sim.Scenario) {
	if m := MeasureNamed(s.Until); m != nil && m.Meter != nil {
		rec.Until(m.Meter(s))
	}
}
