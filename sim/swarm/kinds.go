package swarm

import (
	"fmt"
	"slices"
	"time"

	"quorumlab/sim"
)

// kind is one way in which things go wrong on the sim engine. A scenario draws which kinds it has: with all of them in
// each, one kind would hide what another leads to (Groce et al., Swarm Testing, ISSTA 2012).
type kind struct {
	name string
	// draw adds the steps of one occurrence.
	draw func(d *drawer, at time.Duration)
}

var kinds = []kind{
	{"crashes", func(d *drawer, at time.Duration) { d.lasting(at, "crash "+d.who()) }},
	{"power cuts", (*drawer).powerCut},
	{"restart storms", (*drawer).storm},
	{"pauses", func(d *drawer, at time.Duration) { d.lasting(at, "pause "+d.who()) }},
	{"partitions", (*drawer).part},
	{"one-way cuts", func(d *drawer, at time.Duration) { d.lasting(at, d.cut(d.who())) }},
	{"loss", func(d *drawer, at time.Duration) { d.lasting(at, "lose "+d.links()+" "+d.share(60)) }},
	{"duplicates", func(d *drawer, at time.Duration) { d.lasting(at, "duplicate "+d.links()+" "+d.share(60)) }},
	{"reordering", func(d *drawer, at time.Duration) { d.lasting(at, "reorder "+d.links()+" "+d.share(60)) }},
	{"delays", (*drawer).delay},
	{"narrow links", (*drawer).limit},
	{"slow disks", (*drawer).slowDisk},
	{"stalled disks", func(d *drawer, at time.Duration) { d.lasting(at, "stall-disk "+d.who()) }},
	{"full disks", func(d *drawer, at time.Duration) { d.lasting(at, "fill-disk random 1") }},
	{"clocks", func(d *drawer, at time.Duration) {
		d.lasting(at, fmt.Sprintf("drift %s %d%%", d.who(), d.below(101)-50))
	}},
	{"rivals", (*drawer).rivals},
	{"usurpers", (*drawer).usurpers},
	{"handovers", (*drawer).handOver},
	{"lonely leaders", (*drawer).lonely},
	{"snapshots", (*drawer).snapshot},
	{"compactions", (*drawer).compact},
	{"changes of the members", (*drawer).change},
	{"load", (*drawer).load},
}

// drawKinds draws the kinds that a scenario has: few of them or many. What takes many steps at the right moments, and
// can come about in few clusters, is tried often there.
func (d *drawer) drawKinds() (some []kind) {
	n := pick(d.Rand, 2, 3, 6)
	for _, k := range kinds {
		if oneIn(d.Rand, n) {
			some = append(some, k)
		}
	}
	if len(some) == 0 {
		some = kinds
	}
	switch c := &d.s.Cluster; {
	case len(c.Members) == 3 && !c.PreVote && !c.CheckQuorum && c.Disk.Mode == "async":
		some = slices.Concat(some, slices.Repeat([]kind{{"figure 8", (*drawer).figure8}}, len(some)/2+1))
	case len(c.Members) >= 5:
		some = slices.Concat(some, slices.Repeat([]kind{{"relapses", (*drawer).relapse}}, len(some)/4+1))
	}
	return some
}

// trouble draws what a scenario can have, and returns what draws one occurrence of it.
func (d *drawer) trouble() func(at time.Duration) {
	some := d.drawKinds()
	d.reach = pick(d.Rand, d.unit/8, d.unit/2, d.unit, 3*d.unit) / ms * ms
	d.healed += between(d.Rand, 0, 4*d.unit, 10*ms)
	return func(at time.Duration) { some[d.below(len(some))].draw(d, at) }
}

// lasting adds a fault that lasts.
func (d *drawer) lasting(at time.Duration, do string) { d.step(at, d.while(), do) }

// while draws how long a fault lasts: some are over before anybody has noticed.
func (d *drawer) while() time.Duration {
	if oneIn(d.Rand, 4) {
		return between(d.Rand, ms, d.unit/4, ms)
	}
	return between(d.Rand, d.unit/8, 4*d.unit, 5*ms)
}

// outlasting adds a fault after whose end something goes on for a time, like a message that was delayed: it ends so
// much before everything heals.
func (d *drawer) outlasting(at, tail time.Duration, do string) {
	if lasts := min(d.while(), d.healed-tail-at); lasts > 0 {
		d.step(at, lasts, do)
	}
}

// share draws a share of up to so many percent.
func (d *drawer) share(most int) string { return fmt.Sprintf("%d%%", 1+d.below(most)) }

// late draws a time as long as this scenario's late messages and slow disks may take, and the longest of it.
func (d *drawer) late() string {
	most := d.reach
	return pick(d.Rand, sim.Fixed(most), sim.Distribution{Lo: ms, Hi: most},
		sim.Distribution{Lo: most / 4, Hi: most}).String()
}

// links draws the links that something happens to.
func (d *drawer) links() string {
	a, b := d.who(), d.who()
	return pick(d.Rand, "all -> all", a+" -> all", "all -> "+a, a+" -> "+b, "leader -> followers", "followers -> leader")
}

// delay lets messages come late: later than an election, in some scenarios.
func (d *drawer) delay(at time.Duration) {
	d.outlasting(at, d.reach, fmt.Sprintf("delay %s %s", d.links(), d.late()))
}

// limit makes links narrow.
func (d *drawer) limit(at time.Duration) {
	d.lasting(at, "limit "+d.links()+" "+pick(d.Rand, "5kB/s", "20kB/s", "100kB/s"))
}

// slowDisk makes disks slow: a write may take longer than an election.
func (d *drawer) slowDisk(at time.Duration) {
	d.outlasting(at, 2*d.reach, "slow-disk "+pick(d.Rand, d.who(), "all")+" "+d.late())
}

// powerCut ends processes while their disks are writing, so that what is not synced is lost.
func (d *drawer) powerCut(at time.Duration) {
	who := pick(d.Rand, "all", "followers", d.name(), d.name()+" "+d.name())
	lasts := between(d.Rand, ms, d.unit, ms)
	d.step(at, lasts, pick(d.Rand, "stall-disk "+who, "slow-disk "+who+" "+d.late()))
	d.step(at+between(d.Rand, ms, lasts, ms), between(d.Rand, ms, d.unit, ms), "crash "+pick(d.Rand, who, d.who()))
}

// storm restarts members again and again.
func (d *drawer) storm(at time.Duration) {
	every := pick(d.Rand, 3*ms, d.unit/16, d.unit/2)
	for range 1 + d.below(10) {
		d.step(at, 0, "restart "+pick(d.Rand, d.who(), d.name(), "random 2", "followers", "all"))
		at += between(d.Rand, ms, every, ms)
	}
}

// part cuts the network in parts.
func (d *drawer) part(at time.Duration) {
	if oneIn(d.Rand, 4) && len(d.s.Cluster.Members) > 2 {
		d.bridge(at)
		return
	}
	d.lasting(at, pick(d.Rand, "partition "+d.side()+" | rest", "isolate "+d.who()))
}

// rivals has members campaign, one soon after the other, and some of them again before they can have the votes of the
// time before. A transfer of the leadership lets the first of them begin while others still hear of a leader.
func (d *drawer) rivals(at time.Duration) {
	if oneIn(d.Rand, 3) {
		d.melee(at)
		return
	}
	a, b := d.name(), d.name()
	if oneIn(d.Rand, 2) {
		d.outlasting(at, d.reach, fmt.Sprintf("delay %s %s", pick(d.Rand, "all -> "+a, "all -> all", b+" -> all"), d.late()))
	}
	d.step(at, 0, pick(d.Rand, "campaign ", "move-leader ")+a)
	most := pick(d.Rand, 3*ms, 8*ms, 20*ms, d.reach, d.unit)
	for range 1 + d.below(6) {
		at += between(d.Rand, 0, most, ms)
		d.step(at, 0, "campaign "+pick(d.Rand, a, a, b, d.name()))
	}
}

// melee has many members campaign at about the same time, and one restarts again and again while it votes.
func (d *drawer) melee(at time.Duration) {
	if oneIn(d.Rand, 3) {
		d.contest(at)
		return
	}
	voter, gap := d.name(), pick(d.Rand, ms, 4*ms, 10*ms)
	for range 2 + d.below(4) {
		d.step(at, 0, "campaign "+d.name())
		at += between(d.Rand, 0, gap, ms)
	}
	for range d.below(10) {
		d.step(at, 0, "restart "+voter)
		at += between(d.Rand, ms, gap+2*ms, ms)
	}
}

// two draws two members.
func (d *drawer) two() (a, b string) {
	ms := d.s.Cluster.Members
	i := d.below(len(ms))
	j := (i + 1 + d.below(max(1, len(ms)-1))) % len(ms)
	return ms[i].Name, ms[j].Name
}

// relapse lets a member lead on a side that is too small, so that its writes are lost, and lead again a little later,
// when what its friend acknowledged in its first time is still on its way to it. If that counts, the leader takes its
// friend for someone who has what it has not.
func (d *drawer) relapse(at time.Duration) {
	first, friend := d.two()
	d.step(at, 0, "move-leader "+first)
	at += between(d.Rand, d.unit/8, d.unit/2, ms)
	late := between(d.Rand, d.unit, 3*d.unit, ms)
	if lasts := min(between(d.Rand, d.unit/4, d.unit, ms), d.healed-late-at); lasts > 0 {
		d.step(at, lasts, fmt.Sprintf("delay %s -> %s %s", friend, first, sim.FormatDuration(late)))
	}
	at += between(d.Rand, ms, d.unit/8, ms)
	alone := between(d.Rand, d.unit/2, 2*d.unit, ms)
	d.step(at, alone, "partition "+first+" "+friend+" | rest")
	if d.s.Workload.Clients > 0 { // much while it leads, and little when another does
		busy := between(d.Rand, d.unit/4, d.unit, ms)
		d.step(at, busy, "load 400/s")
		d.step(at+busy, alone, "stop-load")
	}
	at += alone
	for range 1 + d.below(4) {
		at += between(d.Rand, ms, d.unit/8, ms)
		d.step(at, 0, "move-leader "+first)
	}
	d.load(at + between(d.Rand, ms, d.unit/2, ms))
	at += between(d.Rand, ms, 2*d.unit, ms)
	if oneIn(d.Rand, 2) {
		d.lasting(at, pick(d.Rand, "isolate ", "crash ", "pause ")+first)
	}
}

// figure8 draws the Raft paper's figure 8 in the way that raft can get there: a leader's disk has not its first entry
// yet, while another member has that and those before it. The leader knows of two that have the older ones, itself
// among them. Should it die now, it comes back without the first entry of its term, and votes for one with entries of
// a term between.
func (d *drawer) figure8(at time.Duration) {
	hop, sync := d.s.Cluster.Network.Latency.Mean(), d.s.Cluster.Disk.Fsync.Mean()
	election := (2*hop + 2*sync + 2*ms) / ms * ms // without a pre-vote
	upTo := func(most time.Duration) time.Duration { return between(d.Rand, 0, most+ms, ms) }
	for range 1 + d.below(3) {
		a, c := d.two()
		d.step(at, 0, "campaign "+a)
		cut := at + election + ms + upTo(d.unit/4)
		rises := cut + 10*ms + upTo(d.unit/4)
		d.step(rises, 0, "campaign "+c)
		mute := rises + (hop+sync)/ms*ms + upTo(2*hop+sync) // it has the votes, and nobody has its first entry
		again := mute + ms + upTo(2*election)
		d.step(cut, again-cut, "cut "+a+" -> all") // it wrote what nobody got
		again += upTo(election)
		d.step(mute, again-mute+upTo(6*election), "cut "+c+" -> all")
		d.step(again, 0, "campaign "+a)
		stalls := again + sync/ms*ms + ms + upTo(2*hop+sync)
		d.step(stalls, d.unit, "stall-disk "+a)
		at = again + election + upTo(6*hop+2*sync)
		d.step(at, ms+upTo(election), "crash "+a)
		for range 1 + d.below(3) {
			at += ms + upTo(2*election)
			d.step(at, 0, "campaign "+c)
		}
		at += upTo(d.unit / 4)
	}
}

// usurpers has one member after the other take over and be cut off, or killed, before all have what it wrote first. So
// logs end in entries of many terms, and each of these members comes back with its own (the Raft paper's figures 7
// and 8).
func (d *drawer) usurpers(at time.Duration) {
	few := []string{d.name(), d.name(), d.name()}
	for range 3 + d.below(6) {
		who := pick(d.Rand, few...)
		if oneIn(d.Rand, 2) {
			d.step(at, between(d.Rand, ms, 2*d.unit, ms), "slow-disk "+who+" "+d.late())
		}
		d.step(at, 0, "campaign "+who)
		at += between(d.Rand, ms, pick(d.Rand, 10*ms, 40*ms, d.unit/2), ms)
		do := pick(d.Rand, "isolate "+who, "crash "+who, "crash "+who, "cut "+who+" -> all", "pause "+who)
		d.step(at, between(d.Rand, ms, pick(d.Rand, d.unit/2, 2*d.unit), ms), do)
		at += between(d.Rand, ms, pick(d.Rand, d.unit/4, d.unit), ms)
	}
}

// handOver moves the leadership, also to members that have crashed or lag behind.
func (d *drawer) handOver(at time.Duration) {
	for range 1 + d.below(3) {
		d.step(at, 0, "move-leader "+pick(d.Rand, "a-follower", d.name()))
		at += between(d.Rand, ms, d.unit, ms)
	}
}

// lonely lets one leader after the other write what nobody else gets, so that logs differ from member to member and the
// last of them overwrites the rest.
func (d *drawer) lonely(at time.Duration) {
	for range 2 + d.below(4) {
		alone := between(d.Rand, d.unit/8, 3*d.unit/2, ms)
		if oneIn(d.Rand, 3) {
			d.step(at, alone+d.unit, "slow-disk leader "+d.late())
		}
		if oneIn(d.Rand, 3) {
			d.outlasting(at, d.reach, "delay followers -> leader "+d.late())
		}
		d.step(at, alone, pick(d.Rand, "isolate leader", "cut leader -> followers", "partition leader a-follower | rest"))
		if oneIn(d.Rand, 2) {
			d.step(at+alone, between(d.Rand, ms, 2*d.unit, ms), "crash leader")
		}
		at += between(d.Rand, alone, 2*alone+d.unit, ms)
	}
}

// snapshot lets a member miss so much that it needs a snapshot, and breaks the way there.
func (d *drawer) snapshot(at time.Duration) {
	who := d.name()
	away := between(d.Rand, d.unit/2, 4*d.unit, ms)
	d.step(at, away, pick(d.Rand, "crash ", "isolate ", "pause ")+who)
	d.load(at)
	at += away
	if oneIn(d.Rand, 2) {
		lasts := between(d.Rand, ms, 4*d.unit, ms)
		d.step(at-ms, lasts, "limit all -> "+who+" "+pick(d.Rand, "20kB/s", "100kB/s", "1MB/s"))
	}
	at += between(d.Rand, 0, d.unit, ms)
	switch d.below(5) {
	case 0:
		d.lasting(at, "cut leader -> "+who)
	case 1:
		d.lasting(at, "cut "+who+" -> leader")
	case 2:
		d.lasting(at, "crash "+who)
	case 3:
		d.lasting(at, "crash leader")
	default:
		d.lasting(at, "stall-disk "+who)
	}
}

// compact drops old revisions, more often while there is much to do.
func (d *drawer) compact(at time.Duration) {
	if oneIn(d.Rand, 2) {
		d.load(at)
	}
	for range 1 + d.below(4) {
		d.step(at, 0, "compact")
		at += between(d.Rand, ms, d.unit, ms)
	}
}

// change has an administrator change the members, now and then on one side of a partition. Two voters at least remain
// at all times: a member that removed the second last one, and crashes before its disk knows that this is committed,
// asks for the vote of one that is gone (see the end of raft's own doc.go).
func (d *drawer) change(at time.Duration) {
	if oneIn(d.Rand, 3) {
		d.part(at)
	}
	for range 1 + d.below(3) {
		next, retry := d.unused(), pick(d.Rand, "", " retry")
		leaves := d.voters()-d.leaving > 2
		switch n := d.below(6); {
		case n == 0:
			if d.step(at, 0, "add-learner "+next+retry); at <= d.healed {
				d.added = next
			}
		case n < 3 && d.added != "":
			d.step(at, 0, "promote "+d.added+retry)
		case n == 3 && leaves:
			d.leaving++
			d.step(at, 0, "replace "+d.name()+" "+next)
		case n == 4 && leaves:
			d.leaving++
			name := d.name()
			d.step(at, 0, "replace "+name+" "+name)
		case n == 5 && leaves:
			d.leaving++
			d.step(at, 0, "remove "+pick(d.Rand, d.name(), "leader", "a-follower")+retry)
		}
		at += between(d.Rand, ms, 3*d.unit, ms)
	}
}

// voters is how many members of the start vote.
func (d *drawer) voters() (n int) {
	for _, m := range d.s.Cluster.Members {
		if m.Role != sim.Learner {
			n++
		}
	}
	return n
}

// load changes how much there is to do.
func (d *drawer) load(at time.Duration) {
	if d.s.Workload.Clients > 0 {
		d.lasting(at, pick(d.Rand, "stop-load", "load 200/s", "load 400/s"))
	}
}

// side draws one side of a partition.
func (d *drawer) side() string {
	return pick(d.Rand, "leader", "random 2", "random 1", "leader a-follower")
}

// cut draws links that are cut in one direction.
func (d *drawer) cut(who string) string {
	return "cut " + pick(d.Rand, "leader -> followers", "all -> leader", who+" -> all", "all -> "+who)
}
