package plan

import (
	"math"

	"quorumlab/sim"
)

// silent is what keeps a well leader's heartbeats from a follower: they are lost, each by
// itself; they travel longer than others; or the leader waits for its disk and sends none.
type silent struct {
	heartbeat float64 // milliseconds
	loss      float64
	late      dist      // how much longer than the quickest a heartbeat travels
	perMilli  float64   // fsyncs of the leader that begin
	held      []float64 // integral of P(an fsync takes longer), by late's step
	step      float64   // of held
}

// silence is that of the planned cluster under its load. Other messages than heartbeats
// would end it too, so in a busy cluster it is rarer.
func silence(in *Input, heartbeat float64) silent {
	s := silent{heartbeat: heartbeat, loss: float64(in.Loss) / float64(sim.Whole)}
	trip := half(slowest(in))
	s.late = onGrid(trip, gridFor(trip)).above(ms(trip.Lo))
	fsync := onGrid(in.Fsync, gridFor(in.Fsync))
	writes := 0.0
	for _, l := range loads(in) {
		writes += l.Rate
	}
	if mean := fsync.mean(); mean > 0 {
		s.perMilli = busy(fsync, writes) / mean
	}
	s.step = fsync.step
	s.held = make([]float64, len(fsync.cum))
	for i, c := range fsync.cum[:len(fsync.cum)-1] {
		s.held[i+1] = s.held[i] + (1-c)*fsync.step
	}
	return s
}

// above is the distribution of what is more than least.
func (d dist) above(least float64) dist {
	skip := min(int(least/d.step), len(d.cum)-1)
	return dist{d.step, d.cum[skip:]}
}

// phases is how many places of a follower's clock between two heartbeats are tried.
const phases = 16

// chance is the probability that the heartbeat which comes at a given moment is the last
// one that a follower hears before its timer of d ticks runs out. The timer does at
// tick number d, whose first is anywhere within an interval.
func (s *silent) chance(d int) (mean float64) {
	for phase := range phases {
		ends := (float64(d-1) + (float64(phase)+0.5)/phases) * s.heartbeat
		none, chance := 1-s.loss, 0.0 // it came itself
		for k := 1.0; k*s.heartbeat < ends && none > 0; k++ {
			chance += none * s.stalled(ends-k*s.heartbeat)
			none *= s.loss + (1-s.loss)*(1-s.late.at(ends-k*s.heartbeat))
		}
		mean += min(1, chance+none) / phases
	}
	return mean
}

// stalled is the probability that an fsync begins in the interval before a heartbeat is
// due and still takes left when it is: this one and all that follow wait for it.
func (s *silent) stalled(left float64) float64 {
	at := func(x float64) float64 { return s.held[min(int(x/s.step), len(s.held)-1)] }
	return s.perMilli * (at(left+s.heartbeat) - at(left))
}

// redrawn is how often timers run out in so many seconds, when each draws one of the rates
// and, after it has run out, draws again: raft keeps a drawn timeout until then. At
// first the rates have equal shares; later those that are slow prevail. Steps grow with
// time, and each is solved for its end.
func redrawn(perSecond []float64, seconds float64) (times float64) {
	n := float64(len(perSecond))
	share := make([]float64, len(perSecond))
	for i := range share {
		share[i] = 1 / n
	}
	const grow = 1.05
	for now, next := 0.0, 1e-3; now < seconds; now, next = next, next*grow {
		next = min(next, seconds)
		step := next - now
		// rate = sum of r (share + step rate/n) / (1 + step r)
		fixed, back := 0.0, 0.0
		for i, r := range perSecond {
			fixed += r * share[i] / (1 + step*r)
			back += r * step / n / (1 + step*r)
		}
		rate := fixed / math.Max(1-back, 1e-300)
		for i, r := range perSecond {
			share[i] = (share[i] + step*rate/n) / (1 + step*r)
		}
		times += rate * step
	}
	return times
}
