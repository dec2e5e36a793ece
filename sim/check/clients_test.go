package check

import (
	"slices"
	"strings"
	"testing"
	"time"

	"quorumlab/sim"
)

// kinds are the kinds of the events that a verdict names.
func kinds(tr *sim.Trace, v sim.Verdict) (ks []sim.Kind) {
	for _, seq := range v.Events {
		ks = append(ks, tr.Events[seq-1].Kind)
	}
	return ks
}

func TestNoLostWrites(t *testing.T) {
	for _, tt := range []struct {
		name    string
		history func(p *tape)
		lost    float64
		why     string
	}{
		{"nothing was written", func(p *tape) {}, 0, "no write was acknowledged, so none could be lost"},
		{"all in the end", func(p *tape) {
			p.put(1, "a", 1, 2, 5)
			p.put(1, "b", 2, 3, 5)
			p.put(2, "a", 3, 4, 5)
			p.final("a", 3, 4)
			p.final("b", 2, 3)
		}, 0, "each of the 3 acknowledged writes is in the final state or was overwritten by a later one"},
		{"overwritten by one of unknown outcome", func(p *tape) {
			p.put(1, "a", 1, 2, 5)
			p.call(2, sim.OpPut, "a", 2, 0)
			p.get(1, "a", 2, 3, 5)
			p.final("a", 2, 3)
		}, 0, "the acknowledged write is in the final state"},
		{"no final read", func(p *tape) {
			p.put(1, "a", 1, 2, 5)
		}, 0, "no answer shows a loss among 1 acknowledged write; the final state was not read"},
		{"the end lacks it", func(p *tape) {
			p.put(1, "a", 1, 2, 5)
			p.put(1, "a", 2, 3, 5)
			p.final("a", 1, 2)
		}, 1, "an acknowledged write is gone: client 1's put of value 2 to a was acknowledged at 1.01 s with revision 3, " +
			"but in the end a holds value 1 of revision 2"},
		{"the key is gone", func(p *tape) {
			p.put(1, "a", 1, 2, 5)
			p.final("a", 0, 0)
		}, 1, "in the end there is no a"},
		{"its revision went to another key", func(p *tape) {
			p.put(1, "a", 1, 2, 5)
			p.put(1, "a", 2, 4, 5)
			p.call(2, sim.OpPut, "b", 3, 0)
			p.final("a", 2, 4)
			p.final("b", 3, 2)
		}, 1, "client 1's put of value 1 to a was acknowledged at 1.005 s with revision 2, but in the end that revision is " +
			"a write of value 3 to b"},
		{"its revision was given again", func(p *tape) {
			p.put(1, "a", 1, 2, 5)
			p.put(2, "b", 2, 2, 5)
			p.put(2, "a", 3, 3, 5)
		}, 1, "but at 1.01 s client 2's put to b got the same revision"},
		{"a later state lacks it", func(p *tape) {
			p.put(1, "a", 1, 2, 5)
			p.put(1, "a", 2, 3, 5)
			p.get(2, "a", 1, 7, 5)
			p.final("a", 9, 9)
		}, 1, "but at 1.015 s client 2 saw a state of revision 7 without it"},
		{"a compare-and-swap replaced what was replaced", func(p *tape) {
			p.put(1, "a", 1, 2, 5)
			p.put(1, "a", 2, 3, 5)
			p.back(p.call(2, sim.OpCAS, "a", 3, 1), sim.OutcomeOK, 3, 4)
		}, 1, "saw a state of revision 4 without it"},
		{"an older state lacks it", func(p *tape) {
			p.put(1, "a", 1, 2, 5)
			p.put(1, "a", 2, 3, 5)
			p.get(2, "a", 1, 2, 5) // stale, not lost
			p.final("a", 2, 3)
		}, 0, ""},
		{"a state that was asked for before", func(p *tape) {
			p.put(1, "a", 1, 2, 5)
			g := p.call(2, sim.OpGet, "a", 0, 0)
			p.put(1, "a", 2, 3, 5)
			p.back(g, sim.OutcomeOK, 1, 4)
			p.final("a", 2, 3)
		}, 0, ""},
		{"two are gone", func(p *tape) {
			p.put(1, "a", 1, 2, 5)
			p.put(1, "b", 2, 3, 5)
			p.final("a", 0, 0)
			p.final("b", 0, 0)
		}, 2, "2 of 2 acknowledged writes are gone; the first: client 1's put of value 1 to a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newTape(3).at(1000)
			tt.history(p)
			tr := p.trace()
			want(t, "writes.lost", tr, sim.Window{}, tt.lost)
			v := verdict(t, "no-lost-writes", tr)
			if v.OK != (tt.lost == 0) || !strings.Contains(v.Why, tt.why) {
				t.Errorf("%v: %s", v.OK, v.Why)
			}
			if ks := kinds(tr, v); !v.OK && !slices.Equal(ks[:2], []sim.Kind{sim.KindCall, sim.KindReturn}) {
				t.Errorf("the evidence is %v", ks)
			}
		})
	}
}

func TestLostWritesCountWhenTheyWereAcknowledged(t *testing.T) {
	p := newTape(3).at(1000)
	p.put(1, "a", 1, 2, 5)
	p.at(8000).put(1, "a", 2, 3, 5)
	p.at(9000).final("a", 0, 0)
	want(t, "writes.lost", p.trace(), seconds(0, 2), 1)
	want(t, "writes.lost", p.trace(), seconds(2, 8), 0)
}

func TestALocalStateProvesNoLoss(t *testing.T) {
	p := newTape(3).at(1000)
	p.put(1, "a", 1, 2, 5)
	p.get(2, "a", 0, 7, 5)
	p.Scenario.Workload.Reads = sim.ReadSerializable
	want(t, "writes.lost", p.trace(), sim.Window{}, 0)
}

func TestStaleReads(t *testing.T) {
	p := newTape(3).at(1000)
	p.put(1, "a", 1, 2, 5)
	p.put(1, "a", 2, 3, 5)
	p.get(2, "a", 1, 2, 5) // stale by its value
	p.get(2, "a", 2, 3, 5)
	p.get(2, "a", 0, 0, 5) // stale: absent
	w := p.at(2000).call(1, sim.OpPut, "a", 3, 0)
	p.get(2, "a", 2, 3, 5) // while a newer value is on its way
	p.back(w, sim.OutcomeOK, 3, 4)
	p.get(2, "b", 0, 4, 5)
	p.call(1, sim.OpPut, "a", 4, 0)
	p.get(2, "a", 4, 3, 5) // of unknown outcome, but from a state of before
	p.get(2, "a", 4, 5, 5)
	p.at(3000)
	want(t, "reads.stale", p.trace(), sim.Window{}, 3)
	want(t, "reads.stale", p.trace(), seconds(0, 2), 2)
}

func TestRevisions(t *testing.T) {
	for _, tt := range []struct {
		name    string
		reads   sim.ReadMode
		history func(p *tape)
		ok      bool
		why     string
	}{
		{"none", sim.ReadLinearizable, func(p *tape) {}, true, "no answer had a revision"},
		{"rising", sim.ReadLinearizable, func(p *tape) {
			p.put(1, "a", 1, 2, 5)
			p.get(1, "a", 1, 2, 5)
			p.put(1, "a", 2, 3, 5)
		}, true, "in 3 answers no revision was assigned twice"},
		{"given twice", sim.ReadLinearizable, func(p *tape) {
			p.put(1, "a", 1, 2, 5)
			p.put(2, "b", 2, 2, 5)
		}, false, "revision 2 was assigned twice: to client 1's put of a, answered at 1.005 s, and to client 2's put of b, " +
			"answered at 1.01 s"},
		{"back for a client", sim.ReadLinearizable, func(p *tape) {
			p.put(1, "a", 1, 5, 5)
			p.get(1, "b", 0, 4, 5)
		}, false, "client 1's get of b was answered at 1.01 s with revision 4, but the client had already seen revision 5 " +
			"at 1.005 s, before it asked"},
		{"back for another client", sim.ReadLinearizable, func(p *tape) {
			p.put(1, "a", 1, 5, 5)
			p.get(2, "b", 0, 4, 5)
		}, true, ""},
		{"asked before", sim.ReadLinearizable, func(p *tape) {
			g := p.call(1, sim.OpGet, "b", 0, 0)
			p.put(1, "a", 1, 5, 5)
			p.back(g, sim.OutcomeOK, 0, 4)
		}, true, ""},
		{"local reads", sim.ReadSerializable, func(p *tape) {
			p.put(1, "a", 1, 5, 5)
			p.get(1, "b", 0, 4, 5)
		}, true, "in 1 answer no"},
		{"unknown outcomes say nothing", sim.ReadLinearizable, func(p *tape) {
			p.put(1, "a", 1, 5, 5)
			p.back(p.call(1, sim.OpPut, "a", 2, 0), sim.OutcomeUnknown, 0, 1)
		}, true, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newTape(3).at(1000)
			p.Scenario.Workload.Reads = tt.reads
			tt.history(p)
			v := verdict(t, "revisions", p.trace())
			if v.OK != tt.ok || !strings.Contains(v.Why, tt.why) {
				t.Errorf("%v: %s", v.OK, v.Why)
			}
			if !v.OK && !slices.Equal(kinds(p.trace(), v), []sim.Kind{sim.KindReturn, sim.KindReturn}) {
				t.Errorf("the evidence is %v", kinds(p.trace(), v))
			}
		})
	}
}

func TestEqualState(t *testing.T) {
	type hash struct {
		member          sim.MemberID
		index, rev, sum uint64
	}
	for _, tt := range []struct {
		name   string
		hashes []hash
		ok     bool
		why    string
	}{
		{"none", nil, true, "not applicable: the trace has no hashes"},
		{"equal", []hash{{1, 9, 5, 77}, {2, 9, 5, 77}, {3, 9, 5, 77}}, true, "all 3 members that were up ended with the " +
			"same state"},
		{"one is behind", []hash{{1, 9, 5, 77}, {2, 9, 5, 77}, {3, 7, 4, 70}}, true, "of the 3 members that were up, those " +
			"that ended at the same point have the same state; the others were behind"},
		{"one alone", []hash{{1, 9, 5, 77}}, true, "only one member was up"},
		{"all apart", []hash{{1, 9, 5, 77}, {3, 7, 4, 70}}, true, "no two of the 2 members"},
		{"different", []hash{{1, 9, 5, 77}, {2, 9, 5, 78}}, false, "n1 and n2 ended with different states at index 9, " +
			"revision 5"},
		{"other revisions", []hash{{1, 9, 5, 77}, {2, 9, 6, 77}}, false, "n1 and n2 ended with different states at index " +
			"9: revisions 5 and 6"},
		{"by revision alone", []hash{{1, 0, 5, 77}, {2, 0, 6, 79}, {3, 0, 5, 78}}, false, "n1 and n3 ended with different " +
			"states at revision 5"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newTape(3).at(9000)
			for _, h := range tt.hashes {
				p.add(sim.Event{Kind: sim.KindHash, Member: h.member, Index: h.index, Revision: h.rev, Value: h.sum})
			}
			v := verdict(t, "equal-state", p.trace())
			if v.OK != tt.ok || !strings.HasPrefix(v.Why, tt.why) || !v.OK && (len(v.Events) != 2 || len(v.Members) != 2) {
				t.Errorf("%+v", v)
			}
		})
	}
}

// The bound of the tape's cluster is 5 x 2 s + 7 s = 17 s.
func TestProgress(t *testing.T) {
	crashed := func(p *tape) {
		p.at(1000).elect(1, 2, 2, 3)
		p.at(2000).put(1, "a", 1, 2, 5)
		id := p.at(5000).begin("crash n1")
		p.on(sim.KindCrashed, 1)
		p.at(10000).on(sim.KindStarted, 1)
		p.finish(id, "crash n1")
	}
	for _, tt := range []struct {
		name    string
		history func(p *tape)
		ok      bool
		why     string
	}{
		{"a write after the heal", func(p *tape) {
			crashed(p)
			p.at(10500).put(1, "a", 2, 3, 800)
		}, true, "a write was acknowledged 800 ms after the last fault had ended at 10.0 s (limit: 17.0 s)"},
		{"none in time", func(p *tape) {
			crashed(p)
			p.at(9000).call(1, sim.OpPut, "a", 2, 0)
			p.at(27500).put(1, "a", 3, 3, 10)
		}, false, "clients sent 2 writes after the last fault had ended at 10.0 s, and within 17.0 s none was " +
			"acknowledged"},
		{"none in time, a snapshot long ago", func(p *tape) {
			crashed(p)
			p.at(10500).call(1, sim.OpPut, "a", 2, 0)
			p.at(28000)
			p.on(sim.KindSnapshotInstalled, 3)
		}, false, "clients sent 1 write after the last fault had ended at 10.0 s, and within 17.0 s none was " +
			"acknowledged"},
		{"a leader that waits for a snapshot's answer", func(p *tape) {
			p.at(9000).on(sim.KindSnapshotInstalled, 3)
			crashed(p)
			p.at(10500).call(1, sim.OpPut, "a", 2, 0)
			p.at(30000).put(2, "a", 3, 3, 10)
		}, true, "a write was acknowledged 19.5 s after the last fault had ended at 10.0 s (limit: 22.0 s)"},
		{"a leader that may have lost a snapshot on its way", func(p *tape) {
			p.Scenario.Cluster.Network.Loss = sim.Whole / 20
			p.Scenario.Workload.Rate = 100
			p.at(1000).on(sim.KindCompacted, 1)
			crashed(p)
			p.at(10500).call(1, sim.OpPut, "a", 2, 0)
			p.at(30000).put(2, "a", 3, 3, 10)
		}, true, "a write was acknowledged 19.5 s after the last fault had ended at 10.0 s (limit: 22.0 s)"},
		{"a log that was compacted, and no loss", func(p *tape) {
			p.at(1000).on(sim.KindCompacted, 1)
			crashed(p)
			p.at(10500).call(1, sim.OpPut, "a", 2, 0)
			p.at(30000).put(2, "a", 3, 3, 10)
		}, false, "clients sent 2 writes after the last fault had ended at 10.0 s, and within 17.0 s none was " +
			"acknowledged"},
		{"too early to say", func(p *tape) {
			crashed(p)
			p.at(10500).call(1, sim.OpPut, "a", 2, 0)
			p.at(20000)
		}, true, "not applicable: the run ended only 9.50 s after the last fault"},
		{"a fault that lasts", func(p *tape) {
			crashed(p)
			p.at(12000).begin("isolate n2")
			p.at(40000)
		}, true, `not applicable: "isolate n2" was still in effect when the run ended`},
		{"a member that gave up", func(p *tape) {
			p.at(5000).on(sim.KindPanicked, 2)
			p.at(40000)
		}, true, "not applicable: n2 had panicked and stayed down when the run ended"},
		{"the load is no fault", func(p *tape) {
			crashed(p)
			p.at(11000).begin("load 500/s")
			p.put(1, "a", 2, 3, 100)
		}, true, "a write was acknowledged 100 ms after the last fault"},
		{"no faults", func(p *tape) {
			p.at(1000).elect(1, 2, 2, 3)
			p.at(1000).put(1, "a", 1, 2, 7)
		}, true, "a write was acknowledged 7.0 ms after the start of the run"},
		{"no load, a leader", func(p *tape) {
			crashed(p)
			p.at(12000).elect(2, 3, 3)
			p.at(40000)
		}, true, "no client wrote after the last fault had ended at 10.0 s; a member could lead"},
		{"no load, no leader", func(p *tape) {
			crashed(p)
			p.at(40000)
		}, false, "within 17.0 s after the last fault had ended at 10.0 s no member could lead"},
		{"no load, not long enough", func(p *tape) {
			crashed(p)
			p.at(15000)
		}, true, "not applicable: the run ended only 5.00 s"},
		{"healed at the very end", crashed, true, "not applicable: the run ended as soon as its faults did"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newTape(3)
			tt.history(p)
			v := verdict(t, "progress", p.trace())
			if v.OK != tt.ok || v.Unknown || !strings.HasPrefix(v.Why, tt.why) || !v.OK && len(v.Events) == 0 {
				t.Errorf("%+v", v)
			}
		})
	}
}

// TestProgressBound: on a network that always loses messages, who waits for an answer may
// have to ask again; and without pre-vote, members that can't win make more rounds.
func TestProgressBound(t *testing.T) {
	for _, tt := range []struct {
		name string
		rate int
		loss sim.Share
		want time.Duration
	}{
		{"no loss", 0, 0, 17 * time.Second},
		{"others ask meanwhile", 100, sim.Whole / 20, 17 * time.Second},
		{"one in twenty is lost", 0, sim.Whole / 20, (17 + 4*7) * time.Second},
		{"one in fifty", 0, sim.Whole / 50, (17 + 3*7) * time.Second},
		{"all are", 0, sim.Whole, 17 * time.Second},
	} {
		s := newTape(3).trace().Scenario
		s.Workload.Rate, s.Cluster.Network.Loss = tt.rate, tt.loss
		if got := ProgressBound(&s); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
		s.Cluster.PreVote = false
		if got := ProgressBound(&s); got != tt.want+14*time.Second {
			t.Errorf("%s, without pre-vote: %s, want %s", tt.name, got, tt.want+14*time.Second)
		}
	}
}

func TestNoPanics(t *testing.T) {
	for _, tt := range []struct {
		name    string
		history func(p *tape)
		ok      bool
		why     string
	}{
		{"none", func(p *tape) { p.begin("crash n1") }, true, "no member panicked"},
		{"for no reason", func(p *tape) {
			p.begin("fill-disk n1")
			p.add(sim.Event{Kind: sim.KindPanicked, Member: 2, Note: "tocommit(9) is out of range"})
		}, false, "n2 panicked at 3.0 s: tocommit(9) is out of range"},
		{"on a full disk", func(p *tape) {
			p.begin("fill-disk n1 n2")
			p.on(sim.KindPanicked, 2)
		}, true, "n2 panicked because of what the script had done to disks"},
		{"after a disk forgot", func(p *tape) {
			p.begin("wipe n1")
			p.on(sim.KindPanicked, 2)
		}, true, "n2 panicked because of"},
		{"asked after it was removed", func(p *tape) {
			p.add(sim.Event{Kind: sim.KindMembership, Member: 1, Peer: 2, Role: sim.RoleNone, Index: 9})
			p.add(sim.Event{Kind: sim.KindPanicked, Member: 2, Note: "failed to find local ID in cluster members"})
		}, true, "n2 panicked, as etcd 3.7 may when"},
		{"so, but not removed", func(p *tape) {
			p.add(sim.Event{Kind: sim.KindPanicked, Member: 2, Note: "failed to find local ID in cluster members"})
		}, false, "n2 panicked at 3.0 s: failed to find"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newTape(3).at(3000)
			tt.history(p)
			if v := verdict(t, "no-panics", p.trace()); v.OK != tt.ok || !strings.HasPrefix(v.Why, tt.why) ||
				v.OK != (len(v.Events) == 0) {
				t.Errorf("%+v", v)
			}
		})
	}
}
