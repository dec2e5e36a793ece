package plan

import (
	"fmt"
	"math"
	"time"

	"quorumlab/sim"
)

// ElectionTimeouts is which timeouts fit, and how often they expire although the leader is healthy.
type ElectionTimeouts struct {
	Answer
	Heartbeat float64 `json:"heartbeat_ms"`
	Election  float64 `json:"election_ms"`
	Given     bool    `json:"given"` // by the input, not advised
	// Ticks is the election timeout in heartbeats; a member draws from Ticks to 2 Ticks - 1.
	Ticks int `json:"ticks"`
	// FalseChance is the probability that a follower's timer expires during one
	// heartbeat interval although the leader is healthy.
	FalseChance float64 `json:"false_chance"`
	// FalsePerYear is how often that happens to any follower in a year.
	FalsePerYear float64 `json:"false_per_year"`
	// Stall is how long a leader can be silent before a timer may expire.
	Stall float64 `json:"stall_ms"`
	// Tried are other timeouts.
	Tried []TimeoutPoint `json:"tried"`
}

// etcd's defaults, below which nothing is won: they also cover pauses of the machine.
const (
	defaultHeartbeat = 100 * time.Millisecond
	electionTicks    = 10
)

func election(in *Input) ElectionTimeouts {
	e := ElectionTimeouts{Heartbeat: ms(time.Duration(in.Heartbeat)), Election: ms(time.Duration(in.Election)),
		Given: in.Election > 0}
	if !e.Given {
		e.Heartbeat, e.Election = advise(in)
	}
	e.judge(in)
	e.Tried = timeouts(in)
	verb := "Use"
	if e.Given {
		verb = "Given:"
	}
	e.Text = fmt.Sprintf("%s a heartbeat of %s and an election timeout of %s. ", verb, Spell(e.Heartbeat),
		Spell(e.Election))
	e.Text += e.words()
	if rtt := meanOf(slowest(in)); e.Given && (e.Election < 10*rtt || e.Heartbeat < rtt) {
		e.Text += fmt.Sprintf(" They are short for round trips of %s: etcd advises a heartbeat of one round trip and an "+
			"election timeout of 10 heartbeats.", Spell(rtt))
	}
	e.Rule = "heartbeat: the largest mean round trip, at least 100 ms; election: 10 heartbeats, or as many as it takes " +
		"to have at most one spurious timeout a year; spurious: all heartbeats within a drawn timeout are lost or late, " +
		"independently, or delayed by one fsync of the leader"
	e.Source = "etcd documentation, tuning; raft/v3 draws from [e, 2e-1] ticks"
	return e
}

func (e *ElectionTimeouts) words() string {
	if e.FalsePerYear == 0 {
		return fmt.Sprintf("With these delays and losses there are no spurious timeouts: it would take "+
			"a silence of more than %s.",
			Spell(e.Stall))
	}
	return fmt.Sprintf("A timer expires spuriously about once every %s; pre-vote keeps the leader unless a quorum has "+
		"lost it, too. A silence of %s is enough.",
		years(1/e.FalsePerYear), Spell(e.Stall))
}

// advise gives the shortest timeouts, in whole heartbeats, that follow the rules.
func advise(in *Input) (heartbeat, timeout float64) {
	heartbeat = max(ms(defaultHeartbeat), 10*math.Ceil(meanOf(slowest(in))/10-1e-9))
	most := math.Floor(ms(mostElect) / heartbeat)
	e := ElectionTimeouts{Heartbeat: heartbeat}
	for ticks := float64(electionTicks); ; ticks++ {
		e.Election = ticks * heartbeat
		e.judge(in)
		if e.FalsePerYear <= 1 || ticks >= most {
			return heartbeat, e.Election
		}
	}
}

// slowest is the distribution of the longest round trip between two members.
func slowest(in *Input) sim.Distribution {
	switch {
	case in.Members == 1:
		return sim.Distribution{}
	case len(in.Zones) == 1 || len(in.Zones) > 1 && meanOf(in.RTT) < meanOf(in.ZoneRTT) && in.Zones[0] > 1:
		return in.ZoneRTT
	}
	return in.RTT
}

// judge works out how often timers expire falsely.
func (e *ElectionTimeouts) judge(in *Input) {
	e.Ticks = max(1, int(e.Election/e.Heartbeat+1e-9))
	e.Stall = float64(e.Ticks-1)*e.Heartbeat - top(slowest(in))/2
	e.FalseChance, e.FalsePerYear = 0, 0
	if in.Members == 1 {
		return
	}
	rates := e.rates(in)
	for _, r := range rates {
		e.FalseChance += r * e.Heartbeat / 1e3 / float64(e.Ticks)
	}
	e.FalsePerYear = float64(in.Members-1) * redrawn(rates, Year.Seconds())
}

// rates is how often a second a follower's timer expires falsely, for each timeout that
// it may have drawn.
func (e *ElectionTimeouts) rates(in *Input) []float64 {
	s := silence(in, e.Heartbeat)
	perSecond := make([]float64, e.Ticks)
	for i := range perSecond {
		perSecond[i] = s.chance(e.Ticks+i) / e.Heartbeat * 1e3
	}
	return perSecond
}

func half(l sim.Distribution) sim.Distribution { return l.Half() }
