package plan

import (
	"fmt"
	"math"
	"time"

	"quorumlab/sim"
)

// Election is which timeouts fit, and how often they fire although the leader is well.
type Election struct {
	Answer
	Heartbeat float64 `json:"heartbeat_ms"`
	Election  float64 `json:"election_ms"`
	Given     bool    `json:"given"` // by the input, not advised
	// Ticks is the election timeout in heartbeats; a member draws from Ticks to 2 Ticks - 1.
	Ticks int `json:"ticks"`
	// FalseChance is the probability that a follower's timer runs out during one
	// heartbeat interval although the leader is well.
	FalseChance float64 `json:"false_chance"`
	// FalsePerYear is how often that happens to any follower in a year.
	FalsePerYear float64 `json:"false_per_year"`
	// Stall is for how long a leader can be silent before a timer may run out.
	Stall float64 `json:"stall_ms"`
}

// etcd's defaults, below which nothing is won: they also cover pauses of the machine.
const (
	defaultHeartbeat = 100 * time.Millisecond
	electionTicks    = 10
)

func election(in *Input) Election {
	e := Election{Heartbeat: ms(time.Duration(in.Heartbeat)), Election: ms(time.Duration(in.Election)), Given: in.Election > 0}
	if !e.Given {
		e.Heartbeat, e.Election = advise(in)
	}
	e.judge(in)
	verb := "Take"
	if e.Given {
		verb = "Given are"
	}
	e.Text = fmt.Sprintf("%s a heartbeat of %s and an election timeout of %s. ", verb, Spell(e.Heartbeat), Spell(e.Election))
	e.Text += e.words()
	if rtt := meanOf(slowest(in)); e.Given && (e.Election < 10*rtt || e.Heartbeat < rtt) {
		e.Text += fmt.Sprintf(" They are short for round trips of %s: etcd advises a heartbeat of that and 10 of them.", Spell(rtt))
	}
	e.Rule = "heartbeat: the largest mean round trip, 100 ms at least; election: 10 heartbeats, more while there is over one false election a year; false: all heartbeats of a drawn timeout lost or late, each by itself"
	e.Source = "etcd documentation, tuning; raft/v3 draws from [e, 2e-1] ticks"
	return e
}

func (e *Election) words() string {
	if e.FalsePerYear == 0 {
		return fmt.Sprintf("With the given times and losses no timer runs out falsely; it takes a silence of more than %s.", Spell(e.Stall))
	}
	return fmt.Sprintf("A follower's timer runs out falsely about every %s; pre-vote keeps the leader unless a quorum has lost it too. A silence of %s is enough.",
		years(1/e.FalsePerYear), Spell(e.Stall))
}

// advise gives the shortest timeouts, in whole heartbeats, that follow the rules.
func advise(in *Input) (heartbeat, timeout float64) {
	heartbeat = max(ms(defaultHeartbeat), 10*math.Ceil(meanOf(slowest(in))/10-1e-9))
	most := math.Floor(ms(mostElect) / heartbeat)
	e := Election{Heartbeat: heartbeat}
	for ticks := float64(electionTicks); ; ticks++ {
		e.Election = ticks * heartbeat
		e.judge(in)
		if e.FalsePerYear <= 1 || ticks >= most {
			return heartbeat, e.Election
		}
	}
}

// slowest is the law of the longest round trip between two members.
func slowest(in *Input) sim.Law {
	switch {
	case in.Members == 1:
		return sim.Law{}
	case len(in.Zones) == 1 || meanOf(in.RTT) < meanOf(in.ZoneRTT) && in.Zones[0] > 1:
		return in.ZoneRTT
	}
	return in.RTT
}

// judge works out how often timers run out falsely.
func (e *Election) judge(in *Input) {
	e.Ticks = max(1, int(e.Election/e.Heartbeat+1e-9))
	e.Stall = float64(e.Ticks-1)*e.Heartbeat - top(slowest(in))/2
	e.FalseChance = falseChance(in, e.Heartbeat, e.Ticks)
	e.FalsePerYear = e.FalseChance * float64(in.Members-1) * ms(Year) / e.Heartbeat
}

// phases is how many places of a follower's clock between two heartbeats are tried.
const phases = 16

// falseChance is the probability that the heartbeat which comes at a given moment is the last
// one that a follower hears in time. It came as early as one can. The timer runs out
// at the follower's tick number d, d drawn from ticks to twice that less one, the first tick
// anywhere within one interval. All heartbeats sent before are lost, or arrive later:
// a heartbeat waits for the write that the leader is in, and travels half a round trip.
func falseChance(in *Input, heartbeat float64, ticks int) (chance float64) {
	if in.Members == 1 {
		return 0
	}
	loss := float64(in.Loss) / float64(sim.Whole)
	delay := heartbeatDelay(in)
	for d := ticks; d < 2*ticks; d++ {
		for phase := range phases {
			ends := (float64(d-1) + (float64(phase)+0.5)/phases) * heartbeat
			none := 1.0
			for k := 1.0; k*heartbeat < ends && none > 0; k++ {
				none *= loss + (1-loss)*(1-delay.at(ends-k*heartbeat))
			}
			chance += none / float64(ticks*phases)
		}
	}
	return chance
}

// heartbeatDelay is the leader's fsync, if it is in one, and half a round trip.
func heartbeatDelay(in *Input) dist {
	rtt := slowest(in)
	step := gridFor(in.Fsync, rtt)
	return onGrid(in.Fsync, step).plus(onGrid(half(rtt), step))
}

func half(l sim.Law) sim.Law {
	return sim.Law{Lo: l.Lo / 2, Hi: l.Hi / 2, P50: l.P50 / 2, P99: l.P99 / 2}
}
