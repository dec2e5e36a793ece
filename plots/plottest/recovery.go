package plottest

import (
	"time"

	"quorumlab/sim"
)

func init() { own["recovery"] = restored }

// restored is a trace that one can check by hand: a watch, a snapshot, a restore to where it was, and
// one that raises the revision.
func restored() *sim.Trace {
	const ms = time.Millisecond
	p := &player{rng: sim.Stream(1, "restored")}
	for m := sim.MemberID(1); m <= 3; m++ {
		p.add(0, sim.Event{Kind: sim.KindStarted, Member: m})
		p.state(0, m, sim.Follower, 1, 0)
	}
	write := func(at time.Duration, revision uint64, seen ...uint64) {
		p.operation(at, at+ms, sim.OutcomeOK, 1)
		p.events[len(p.events)-1].Revision = revision
		for _, w := range seen {
			p.add(at+ms, sim.Event{Kind: sim.KindWatchEvent, ID: w, Client: 2, Key: "k", Value: p.opsDone, Revision: revision})
		}
	}
	write(20*ms, 40)
	p.add(50*ms, sim.Event{Kind: sim.KindWatchBegun, ID: 1, Client: 2, Key: "k", Revision: 41})
	write(100*ms, 50, 1)
	p.add(150*ms, sim.Event{Kind: sim.KindSnapshotSaved, Member: 1, Revision: 50, Value: 9000})
	write(200*ms, 80, 1)
	p.add(300*ms, sim.Event{Kind: sim.KindFaultBegun, ID: 1, Count: 1, Note: "restore"})
	p.add(310*ms, sim.Event{Kind: sim.KindNewCluster, Old: 50, Revision: 50})
	write(400*ms, 60)
	p.add(500*ms, sim.Event{Kind: sim.KindFaultBegun, ID: 2, Count: 2, Note: "restore 1000000"})
	p.add(510*ms, sim.Event{Kind: sim.KindNewCluster, Old: 50, Revision: 1000050, Count: 1})
	p.add(600*ms, sim.Event{Kind: sim.KindWatchEnded, ID: 1, Client: 2, Key: "k", Revision: 1000050,
		Result: sim.OutcomeFailed})
	write(700*ms, 1000055)
	p.add(750*ms, sim.Event{Kind: sim.KindWatchBegun, ID: 2, Client: 3, Key: "k", Revision: 1000056})
	write(800*ms, 1000056, 2)
	return p.trace(time.Second, 3)
}
