package plan

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/raftsim"
)

// planned is the plan of a cluster.
func planned(t *testing.T, change func(in *Input)) *Plan {
	t.Helper()
	var in Input
	in.SetDefaults()
	change(&in)
	p, err := Make(in)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// simulated runs a scenario in virtual time.
func simulated(t *testing.T, s *sim.Scenario, keep sim.KindSet, observers ...sim.Observer) *sim.Trace {
	t.Helper()
	if testing.Short() {
		t.Skip("long, and on one goroutine")
	}
	rec := sim.NewRecorder(keep, observers...)
	check.Until(rec, s)
	if err := (raftsim.Engine{}).Run(context.Background(), s, rec, nil); err != nil {
		t.Fatal(err)
	}
	return rec.Trace(s, "sim", "test")
}

// quantile is the nearest rank of sorted values.
func quantile(xs []float64, p float64) float64 { return xs[int(p*float64(len(xs)-1))] }

// The time of a write is that of the simulator's clients, idle and under load, near and far.
func TestLatencyIsAsSimulated(t *testing.T) {
	for _, c := range []struct {
		zones Placement
		rtt   time.Duration
		rate  Rate
	}{
		{Placement{1, 1, 1}, time.Millisecond, 4},
		{Placement{1, 1, 1}, time.Millisecond, 400},
		{Placement{2, 2, 1}, 40 * time.Millisecond, 100},
	} {
		p := planned(t, func(in *Input) { in.Zones, in.RTT, in.WriteRate = c.zones, sim.Fixed(c.rtt), c.rate })
		const writes = 2000
		tr := simulated(t, p.WriteTrial(float64(c.rate), time.Duration(writes/float64(c.rate)*float64(time.Second)), 1),
			sim.AllKinds&^sim.HighRate)
		took := answered(tr)
		if len(took) < writes*9/10 {
			t.Fatalf("%v: %d writes", c, len(took))
		}
		near(t, c.zones.String()+" p50", p.Latency.Answered.P50, quantile(took, .5), 0.06)
		near(t, c.zones.String()+" p90", p.Latency.Answered.P90, quantile(took, .9), 0.06)
		near(t, c.zones.String()+" p99", p.Latency.Answered.P99, quantile(took, .99), 0.12)
	}
}

// Clients that write one after the other get as much through as their number and the time of
// a write say: one alone, and as many as keep the leader's disk busy.
func TestCeilingIsAsSimulated(t *testing.T) {
	p := planned(t, func(*Input) {})
	for clients, want := range map[int]float64{1: p.Latency.Alone,
		64: 64 * p.Latency.Ceiling / float64(p.Latency.Clients)} {
		s := p.WriteTrial(1, 0, 1)
		s.Steps = s.Steps[:1]
		s.Workload.Clients, s.Workload.Rate, s.Workload.Keys, s.Run = clients, 0, 64, 2*time.Second
		near(t, "writes a second", float64(len(answered(simulated(t, s, sim.AllKinds&^sim.HighRate))))/2, want, 0.12)
	}
}

// A failover is as long as the simulator's, also where candidates meet.
func TestFailoverIsAsSimulated(t *testing.T) {
	for _, c := range []struct {
		zones Placement
		rtt   time.Duration
	}{{Placement{1, 1, 1}, time.Millisecond}, {Placement{2, 1}, 80 * time.Millisecond},
		{Placement{2, 2, 1}, 10 * time.Millisecond}} {
		p := planned(t, func(in *Input) { in.Zones, in.RTT = c.zones, sim.Fixed(c.rtt) })
		var took []float64
		for seed := range uint64(200) {
			s := p.FailoverTrial(seed + 1)
			m := check.MeasureNamed("failover").Meter(s)
			simulated(t, s, 0, m)
			v, ok := m.Value()
			if !ok {
				t.Fatalf("seed %d: no failover", s.Seed)
			}
			took = append(took, v)
		}
		slices.Sort(took)
		near(t, c.zones.String()+" p50", p.Failover.P50, quantile(took, .5), 0.05)
		near(t, c.zones.String()+" p90", p.Failover.P90, quantile(took, .9), 0.08)
	}
}

// A member that was away for a short time gets the log, one that was away for long a
// snapshot.
func TestCatchUpIsAsSimulated(t *testing.T) {
	const rate = 2000
	p := planned(t, func(in *Input) { in.WriteRate = rate })
	for _, c := range []struct {
		away     float64 // of the time that the plan gives
		snapshot bool
	}{{0.9, false}, {3.3, true}} {
		s := p.WriteTrial(1, 0, 1)
		away := time.Duration(c.away * p.Recovery.CatchUp * float64(time.Second))
		s.Steps = append(s.Steps[:1], sim.Step{At: 2 * time.Second, For: away, Do: statement("crash n3")})
		s.Workload.Clients, s.Workload.Rate, s.Workload.Keys, s.Run = 64, rate, 8, 3*time.Second+away
		got := slices.ContainsFunc(simulated(t, s, sim.AllKinds&^sim.HighRate).Events, func(e sim.Event) bool {
			return e.Kind == sim.KindSnapshotInstalled && e.Member == 3
		})
		if got != c.snapshot {
			t.Errorf("away for %.1f of what the log covers: snapshot %v", c.away, got)
		}
	}
}

// Timers run out falsely about as often as on a follower who counts its ticks one by one.
// Their times are spread wide, so that even seven hundred leave a doubt of a tenth.
func TestFalseElectionsAreAsCounted(t *testing.T) {
	p := planned(t, func(in *Input) {
		in.Loss, in.Heartbeat, in.Election = 300_000, Span(100*time.Millisecond), Span(500*time.Millisecond)
	})
	r, ticks := sim.Stream(1, "follower"), p.Election.Ticks
	const heartbeats = 4e6
	seconds := heartbeats * p.Election.Heartbeat / 1e3
	counted, elapsed, drawn := 0, 0, ticks+r.IntN(ticks)
	for range int(heartbeats) {
		elapsed++
		switch {
		case elapsed >= drawn:
			counted, elapsed, drawn = counted+1, 0, ticks+r.IntN(ticks)
		case r.Float64() >= 0.3:
			elapsed = 0
		}
	}
	near(t, "false elections", redrawn(p.Election.rates(&p.Input), seconds), float64(counted), 0.2)
}

// The simulator's followers agree, as far as so few cases can: a leader that is well keeps
// its leadership while one in five messages is lost, and timers expire anyway.
func TestFalseElectionsAreAsSimulated(t *testing.T) {
	p := planned(t, func(in *Input) {
		in.Zones, in.Loss = Placement{2, 2, 1}, 200_000
		in.Heartbeat, in.Election = Span(10*time.Millisecond), Span(50*time.Millisecond)
	})
	s := p.Scenario()
	s.Workload.Clients, s.Run = 0, 100*time.Second
	n := 0.0
	for _, e := range simulated(t, s, sim.AllKinds&^sim.HighRate).Events {
		if e.Kind == sim.KindState && e.Role == sim.PreCandidate {
			n++
		}
	}
	want := 4 * redrawn(p.Election.rates(&p.Input), s.Run.Seconds())
	if n < want/2 || n > want*2 {
		t.Errorf("%g timers ran out, planned were %g", n, want)
	}
}

// The share of time without a quorum, and how often it is lost, are those of members and
// zones that fail and come back one by one.
func TestAvailabilityIsAsPlayed(t *testing.T) {
	member, zone := Repair{10 * time.Hour, time.Hour}, Repair{40 * time.Hour, 2 * time.Hour}
	for _, p := range []Placement{{1, 1, 1}, {2, 2, 1}, {3, 2}, {4}} {
		down, losses := play(p, member, zone, 300_000)
		u := p.Uptime(member, zone)
		near(t, p.String()+" unavailability", u.Unavailability, down, 0.05)
		near(t, p.String()+" losses a year", u.LossesPerYear, losses, 0.05)
	}
}

// play lets members and zones live for so many failures and repairs.
func play(p Placement, member, zone Repair, changes int) (down, lossesPerYear float64) {
	r := sim.Stream(1, "lives")
	var rates []Repair
	var zoneOf []int
	for z, k := range p {
		for range k {
			rates, zoneOf = append(rates, member), append(zoneOf, z)
		}
	}
	for range p {
		rates = append(rates, zone)
	}
	up := make([]bool, len(rates))
	for i := range up {
		up[i] = true
	}
	total, without, losses, quorum := 0.0, 0.0, 0.0, true
	for range changes {
		i, took := nextChange(r, rates, up)
		total += took
		if !quorum {
			without += took
		}
		up[i] = !up[i]
		standing := 0
		for m, z := range zoneOf {
			if up[m] && up[len(zoneOf)+z] {
				standing++
			}
		}
		if quorum && standing < Quorum(len(zoneOf)) {
			losses++
		}
		quorum = standing >= Quorum(len(zoneOf))
	}
	return without / total, losses / (total / Year.Hours())
}

// nextChange draws which of them fails or comes back next, and in how many hours.
func nextChange(r *rand.Rand, rates []Repair, up []bool) (next int, hours float64) {
	for i, x := range rates {
		mean := x.MTTF
		if !up[i] {
			mean = x.MTTR
		}
		if at := r.ExpFloat64() * mean.Hours(); i == 0 || at < hours {
			next, hours = i, at
		}
	}
	return next, hours
}

// Which zone's loss breaks the quorum is counted member by member.
func TestZonesAreAsCounted(t *testing.T) {
	for n := 1; n <= 9; n++ {
		for _, p := range Placements(n, 5) {
			for z := range p {
				left := 0
				for other, k := range p {
					if other != z {
						left += k
					}
				}
				if got := p.Survives(z); got != (2*left > n) {
					t.Errorf("%s without zone %d: survives %v", p, z, got)
				}
			}
		}
	}
}

// A leader whose fsyncs take over a second now and then is doubted as often in the simulator.
func TestSlowFsyncsAreAsSimulated(t *testing.T) {
	fsync, err := sim.ParseDistribution("p50 2ms p95 8ms p99.9 1s max 3s")
	if err != nil {
		t.Fatal(err)
	}
	p := planned(t, func(in *Input) {
		in.Zones, in.Fsync, in.WriteRate = Placement{1, 1, 1}, fsync, 50
		in.Heartbeat, in.Election = Span(100*time.Millisecond), Span(time.Second)
	})
	s := p.Scenario()
	s.Workload.Rate, s.Run = 50, 2000*time.Second
	n := 0.0
	for _, e := range simulated(t, s, sim.AllKinds&^sim.HighRate).Events {
		if e.Kind == sim.KindState && e.Role == sim.PreCandidate {
			n++
		}
	}
	want := 2 * redrawn(p.Election.rates(&p.Input), s.Run.Seconds())
	if n < want/2 || n > want*2 {
		t.Errorf("%g timers ran out, planned were %g", n, want)
	}
}

// The simulator goes on until its quantiles are known well, or to its bound.
func TestSimulatesUntilNarrow(t *testing.T) {
	for name, c := range map[string]struct {
		noise  float64
		rounds uint64
	}{"one value": {0, 1}, "some": {1, 0}, "never": {1e9, mostRoundsRun}} {
		r, rounds := sim.Stream(1, name), uint64(0)
		all, err := untilNarrow(writesShown, func(uint64) (xs []float64, _ error) {
			rounds++
			for range 200 {
				xs = append(xs, 1+c.noise*r.Float64()*r.Float64()*r.Float64()*r.Float64())
			}
			return xs, nil
		})
		if err != nil || c.rounds > 0 && rounds != c.rounds || narrow(all, writesShown) != (name != "never") {
			t.Errorf("%s: %d rounds, %v", name, rounds, err)
		}
	}
}
