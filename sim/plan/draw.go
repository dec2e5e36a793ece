package plan

import (
	"math"
	"math/rand/v2"
	"slices"

	"quorumlab/sim"
)

// drawer draws elections after a leader's crash, by raft/v3's rules with pre-vote and
// check-quorum. It models a few moments, not a cluster: the simulator is the
// judge of it in the tests. All times are milliseconds since the leader's last heartbeat
// was sent.
type drawer struct {
	*rand.Rand
	in    *Input
	e     *ElectionTimeouts
	zones []int // of each member
	alive []survivor
}

// survivor is a member that is left.
type survivor struct {
	zone   int
	clock  float64 // one of its ticks; the others are a heartbeat apart
	stands float64 // when its timer runs out
	lease  float64 // until then it grants no pre-vote
}

// candidate is a survivor whose pre-vote was granted.
type candidate struct {
	member    int
	won, asks float64 // the pre-vote; when its term is on disk and it asks for votes
	votes     []float64
}

func newDrawer(in *Input, e *ElectionTimeouts) *drawer {
	d := &drawer{Rand: sim.Stream(1, "plan failover"), in: in, e: e, alive: make([]survivor, in.Members-1)}
	for zone, k := range in.places() {
		for range k {
			d.zones = append(d.zones, zone)
		}
	}
	return d
}

// hop is one way between two zones.
func (d *drawer) hop(a, b int) float64 {
	if a == b {
		return ms(d.in.ZoneRTT.Draw(d.Rand)) / 2
	}
	return ms(d.in.RTT.Draw(d.Rand)) / 2
}

func (d *drawer) fsync() float64 { return ms(d.in.Fsync.Draw(d.Rand)) }

// timeout draws an election timeout, in ticks.
func (d *drawer) timeout() float64 { return float64(d.e.Ticks + d.IntN(d.e.Ticks)) }

// failover draws how long a crashed leader, any of the members, is missed; infinitely long
// where nobody is elected. It crashes anywhere between two heartbeats.
func (d *drawer) failover() float64 {
	leader := d.IntN(d.in.Members)
	crash := d.Float64() * d.e.Heartbeat
	for i := range d.alive {
		zone := d.zones[(leader+1+i)%d.in.Members]
		clock := d.hop(d.zones[leader], zone) + d.Float64()*d.e.Heartbeat
		d.alive[i] = survivor{zone, clock, clock + (d.timeout()-1)*d.e.Heartbeat, clock + float64(d.e.Ticks-1)*d.e.Heartbeat}
	}
	for range mostRounds {
		if known, ok := d.elect(); ok {
			return known - crash
		}
	}
	return math.Inf(1)
}

// mostRounds is after how many timers that expired in vain a failover counts as endless:
// timeouts far below a round trip never elect anybody.
const mostRounds = 30

// elect plays what follows from the first timer that runs out: who is elected when, if
// anybody is.
func (d *drawer) elect() (known float64, ok bool) {
	slices.SortFunc(d.alive, func(a, b survivor) int {
		if a.stands < b.stands {
			return -1
		}
		return 1
	})
	first := candidate{asks: math.Inf(1)}
	if !d.preVote(&first, nil) {
		d.restart(0, d.alive[0].stands)
		return 0, false
	}
	standing := []candidate{first}
	for i := 1; i < len(d.alive); i++ {
		rival := candidate{member: i}
		if d.alive[i].stands < first.asks && d.preVote(&rival, &first) {
			standing = append(standing, rival)
		}
	}
	return d.vote(standing)
}

// preVote asks all for a pre-vote. Who has heard of the one before grants none; who hears
// of it before it has won follows.
func (d *drawer) preVote(c, before *candidate) bool {
	me := d.alive[c.member]
	var granted []float64
	for k, o := range d.alive {
		arrives := me.stands + d.hop(me.zone, o.zone)
		knows := math.Inf(1)
		switch {
		case before == nil:
		case k == before.member:
			knows = before.won
		default:
			knows = before.asks + d.hop(d.alive[before.member].zone, o.zone)
		}
		if k != c.member && o.lease <= arrives && arrives < knows {
			granted = append(granted, arrives+d.hop(o.zone, me.zone))
		}
	}
	need := Quorum(d.in.Members) - 1
	if len(granted) < need {
		return false
	}
	slices.Sort(granted)
	c.won = granted[need-1]
	c.asks = c.won + d.fsync()
	return before == nil || c.won < before.asks+d.hop(d.alive[before.member].zone, me.zone)
}

// vote has all others vote for whom they hear of first. Without a majority all timers start
// again.
func (d *drawer) vote(standing []candidate) (known float64, ok bool) {
	heard := make([]float64, len(d.alive))
	for k, o := range d.alive {
		if i := slices.IndexFunc(standing, func(c candidate) bool { return c.member == k }); i >= 0 {
			heard[k] = standing[i].won
			continue
		}
		heard[k] = math.Inf(1)
		var choice *candidate
		for i := range standing {
			c := &standing[i]
			if at := c.asks + d.hop(d.alive[c.member].zone, o.zone); at < heard[k] {
				heard[k], choice = at, c
			}
		}
		choice.votes = append(choice.votes, heard[k]+d.fsync()+d.hop(o.zone, d.alive[choice.member].zone))
	}
	need := Quorum(d.in.Members) - 1
	for _, c := range standing {
		if len(c.votes) >= need {
			slices.Sort(c.votes)
			return c.votes[need-1] + d.news(c.member), true
		}
	}
	for k := range d.alive {
		d.restart(k, heard[k])
	}
	return 0, false
}

// news is how long it takes until all others know the new leader.
func (d *drawer) news(leader int) (last float64) {
	for k, o := range d.alive {
		if k != leader {
			last = max(last, d.hop(d.alive[leader].zone, o.zone))
		}
	}
	return last
}

// restart draws a new timeout for a survivor. Its ticks keep their rhythm, and there is no
// lease any longer.
func (d *drawer) restart(k int, now float64) {
	s := &d.alive[k]
	next := math.Ceil((now - s.clock) / d.e.Heartbeat)
	s.stands = s.clock + (next+d.timeout()-1)*d.e.Heartbeat
}
