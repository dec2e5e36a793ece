package plottest

import (
	"time"

	"quorumlab/sim"
)

func init() { own["store"] = growing }

// growing is a run in which two files grow above a quota, are compacted and defragmented, the second
// until its member crashes. The third member tells nothing.
func growing() *sim.Trace {
	const ms = time.Millisecond
	p := &player{rng: sim.Stream(1, "growing")}
	for m := sim.MemberID(1); m <= 3; m++ {
		p.add(0, sim.Event{Kind: sim.KindStarted, Member: m})
		p.state(0, m, sim.Follower, 1, 0)
	}
	p.elect(100*ms, 1, 2, []sim.MemberID{1, 2, 3})
	size := func(at time.Duration, k sim.Kind, m sim.MemberID, size, inUse uint64) {
		p.add(at, sim.Event{Kind: k, Member: m, Value: size << 10, Old: inUse << 10})
	}
	alarm := func(at time.Duration, m sim.MemberID, on uint64) {
		p.add(at, sim.Event{Kind: sim.KindAlarm, Member: m, Count: sim.AlarmNoSpace, Value: on})
	}
	size(300*ms, sim.KindStoreSize, 1, 20, 18)
	size(400*ms, sim.KindStoreSize, 1, 44, 44)
	size(401*ms, sim.KindStoreSize, 1, 45, 44) // in the same column as the one before
	size(410*ms, sim.KindStoreSize, 2, 48, 44)
	alarm(600*ms, 1, 1)
	alarm(610*ms, 2, 1)
	p.add(620*ms, sim.Event{Kind: sim.KindStoreCompacted, Member: 1, Revision: 9})
	p.add(625*ms, sim.Event{Kind: sim.KindStoreCompacted, Member: 2, Revision: 9})
	size(626*ms, sim.KindStoreSize, 1, 45, 20)
	p.add(630*ms, sim.Event{Kind: sim.KindDefragBegun, Member: 1})
	size(660*ms, sim.KindDefragEnded, 1, 24, 20)
	alarm(670*ms, 1, 0)
	alarm(690*ms, 2, 0)
	p.add(790*ms, sim.Event{Kind: sim.KindDefragBegun, Member: 2})
	p.add(800*ms, sim.Event{Kind: sim.KindCrashed, Member: 2})
	t := p.trace(time.Second, 3)
	t.Scenario.Cluster.Store.Quota = 40 << 10
	return t
}
