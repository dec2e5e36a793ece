package plan

import (
	"fmt"
	"math"

	"quorumlab/sim"
)

// Commit is how fast writes are.
type Commit struct {
	Answer
	Latency                 // with the leader in the best zone
	ByLeader []LeaderRow    `json:"by_leader"`
	Curve    []LatencyPoint `json:"curve"` // distribution with the leader in the best zone
	// Answered is until the entry is applied too: what a client next to the leader sees.
	Answered      Latency        `json:"answered"`
	AnsweredCurve []LatencyPoint `json:"answered_curve"`
	Alone         float64        `json:"one_client_per_s"`
	Ceiling       float64        `json:"ceiling_per_s"`
	Clients       int            `json:"clients_at_ceiling"` // that must write at the same time for it
	Writes        float64        `json:"writes_per_s"`       // that the plan's load makes
	InFlight      float64        `json:"in_flight"`          // of them, in the mean

	best int // the zone
}

// LeaderRow is the commit latency with the leader in one zone.
type LeaderRow struct {
	Zone string `json:"zone"` // empty without zones
	Latency
}

// LatencyPoint is a time and the share of commits that take no longer.
type LatencyPoint struct {
	Millis float64 `json:"ms"`
	Share  float64 `json:"share"`
}

// publishedCeiling is what etcd's performance page measured on 8 processors with 1000
// clients that write 256 bytes to the leader: there the processor is the limit.
const publishedCeiling = 44_341

func commit(in *Input) Commit {
	c := Commit{}
	best := writing{}
	for _, l := range loads(in) {
		c.Writes += l.Rate
	}
	for zone, where := range in.leaderZones() {
		w := writeDist(in.Fsync, in.roundTrips(zone), c.Writes)
		d := w.commit
		c.ByLeader = append(c.ByLeader, LeaderRow{where, d.latency()})
		if zone == 0 || d.mean() < c.Mean {
			c.Latency, best, c.best = d.latency(), w, zone
		}
	}
	c.Curve = best.commit.curve()
	c.Answered, c.AnsweredCurve = best.answer.latency(), best.answer.curve()
	rtts := in.roundTrips(c.best)
	c.Alone = 1e3 / max(writeDist(in.Fsync, rtts, 0).answer.mean(), 1e-3)
	full := writeDist(in.Fsync, rtts, publishedCeiling).answer.mean()
	c.Ceiling = min(publishedCeiling, diskCeiling(in), inFlightMost/max(full, 1e-3)*1e3)
	c.Clients = int(math.Ceil(c.Ceiling * full / 1e3))
	c.InFlight = c.Writes * c.Answered.Mean / 1e3
	c.say()
	return c
}

func (c *Commit) say() {
	c.Text = fmt.Sprintf("A write is committed in %s (p99 %s), and applied and answered in %s (p99 %s).",
		Spell(c.P50), Spell(c.P99), Spell(c.Answered.P50), Spell(c.Answered.P99))
	if worst := c.worst(); worst.P50 > c.P50*1.05 {
		c.Text += fmt.Sprintf(" With the leader in zone %s a commit takes %s.", worst.Zone, Spell(worst.P50))
	}
	c.Text += fmt.Sprintf(" One client achieves %s writes/s; %d clients at once reach the maximum of %s/s.",
		number(c.Alone), c.Clients, number(c.Ceiling))
	if c.Writes > c.Ceiling {
		c.Text += fmt.Sprintf(" The load of %s/s is more than that: it can't be served.", number(c.Writes))
	} else if c.Writes > 0 {
		c.Text += fmt.Sprintf(" The load of %s/s keeps %s writes in flight.", number(c.Writes), number(c.InFlight))
	}
	c.Rule = "commit = max(leader's fsync, the (quorum-1)-th fastest of round trip + follower's fsync), plus the rest " +
		"of an fsync that a raft loop is busy with; applied: not during a database commit, 2 fsyncs every 100 ms; maximum: " +
		"the published 44,341/s, the WAL's bandwidth, or 5,000 proposals in flight, whichever is lowest"
	c.Source = "Raft dissertation, section 10.2.1; etcd's raft loop, backend and performance page"
}

func (c *Commit) worst() (w LeaderRow) {
	for _, r := range c.ByLeader {
		if r.Mean >= w.Mean {
			w = r
		}
	}
	return w
}

// inFlightMost is how far commits may run ahead before etcd answers "too many requests".
const inFlightMost = 5000

// diskCeiling is how many entries of the plan's size the disk takes a second.
func diskCeiling(in *Input) float64 {
	return float64(in.Bandwidth) / float64(in.KeySize+in.ValueSize+entryOverhead)
}

// entryOverhead is what a WAL record has besides key and value, roughly.
const entryOverhead = 64

// leaderZones names the zones that a leader may be in. Without zones all places are alike, and one stands
// for them.
func (in *Input) leaderZones() (names []string) {
	if len(in.Zones) == 0 {
		return []string{""}
	}
	for zone := range in.Zones {
		names = append(names, zoneName(zone))
	}
	return names
}

// roundTrips are those from a leader in one zone to each follower.
func (in *Input) roundTrips(zone int) (rtts []sim.Distribution) {
	for z, k := range in.places() {
		rtt := in.RTT
		if z == zone {
			rtt, k = in.ZoneRTT, k-1
		}
		for range k {
			rtts = append(rtts, rtt)
		}
	}
	return rtts
}

// curve are a hundred or so points of the distribution, from where it rises.
func (d dist) curve() (points []LatencyPoint) {
	last := 0.0
	for i, c := range d.cum {
		if len(points) == 0 && c > 0 {
			points = append(points, LatencyPoint{float64(max(i-1, 0)) * d.step, 0})
		}
		done := c >= 1-1e-6
		if c-last >= 0.01 || done {
			points = append(points, LatencyPoint{float64(i) * d.step, c})
			last = c
		}
		if done {
			break
		}
	}
	return points
}
