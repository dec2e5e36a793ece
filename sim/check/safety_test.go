package check

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"quorumlab/sim"
)

func (p *tape) append(m sim.MemberID, index, term, prev, hash uint64) uint64 {
	return p.add(sim.Event{Kind: sim.KindAppended, Member: m, Index: index, Term: term, LogTerm: prev, Value: hash})
}

func (p *tape) commit(m sim.MemberID, index uint64) uint64 {
	return p.add(sim.Event{Kind: sim.KindCommitted, Member: m, Index: index})
}

func (p *tape) apply(m sim.MemberID, index, term, hash uint64) uint64 {
	return p.add(sim.Event{Kind: sim.KindApplied, Member: m, Index: index, Term: term, Value: hash})
}

// replicated is a cluster of three whose leader n1 of term 2 has three entries, all
// committed and applied everywhere.
func replicated() *tape {
	p := newTape(3).at(1000)
	p.elect(1, 2, 2, 3)
	for i := range uint64(3) {
		prev := uint64(2)
		if i == 0 {
			prev = 0
		}
		for m := range sim.MemberID(3) {
			p.append(m+1, i+1, 2, prev, i+100)
		}
		for m := range sim.MemberID(3) {
			p.commit(m+1, i+1)
			p.apply(m+1, i+1, 2, i+100)
		}
	}
	return p
}

func TestSafetyRules(t *testing.T) {
	for _, tt := range []struct {
		name   string
		go_on  func(p *tape)
		why    string // of the verdict: its beginning
		events int
	}{
		{"healthy", func(p *tape) {}, "one term had one leader; 9 appended entries match; 9 applied entries agree; no " +
			"commit index went back", 0},
		{"a second leader", func(p *tape) {
			p.at(2000).state(3, sim.Leader, 2, 3)
		}, "election safety: n3 became leader of term 2 at 2.0 s, although n1 already led that term", 2},
		{"a leader removes", func(p *tape) {
			p.at(2000).append(1, 4, 2, 2, 104)
			p.add(sim.Event{Kind: sim.KindTruncated, Member: 1, Index: 4})
		}, "leader append-only: n1 removed entries from index 4 on from its own log at 2.0 s, as leader", 1},
		{"a leader writes over", func(p *tape) {
			p.at(2000).append(1, 4, 2, 2, 104)
			p.append(1, 4, 2, 2, 104)
		}, "leader append-only: n1 overwrote entry 4 of its own log", 1},
		{"other content", func(p *tape) {
			p.at(2000).append(1, 4, 2, 2, 104)
			p.append(2, 4, 2, 2, 999)
		}, "log matching: n2 appended entry 4 of term 2 at 2.0 s with different content than n1 had there", 2},
		{"other content in a fork", func(p *tape) {
			p.at(2000).append(1, 4, 2, 2, 104)
			p.append(2, 4, 3, 2, 105)
			p.append(3, 4, 3, 2, 106)
		}, "log matching: n3 appended entry 4 of term 3 at 2.0 s with different content than n2 had there", 2},
		{"behind another entry", func(p *tape) {
			p.at(2000).append(1, 4, 2, 2, 104)
			p.append(1, 5, 2, 2, 105)
			p.append(2, 4, 1, 2, 104)
			p.append(2, 5, 2, 1, 105)
		}, "log matching: n2 appended entry 5 of term 2 at 2.0 s, after an entry of a different term than n1 had", 2},
		{"in the wrong place", func(p *tape) {
			p.at(2000).append(2, 4, 3, 1, 104)
		}, "log matching: n2 appended entry 4 of term 3 at 2.0 s after an entry of a term other " +
			"than the one it belongs after", 1},
		{"a leader without what is committed", func(p *tape) {
			p.at(2000).on(sim.KindCrashed, 3)
			p.add(sim.Event{Kind: sim.KindStarted, Member: 3, Index: 2, LogTerm: 2})
			p.elect(3, 4, 2)
		}, "leader completeness: n3 became leader of term 4 at 2.0 s without the last entry that n1 knew to be " +
			"committed", 2},
		{"a leader that has another entry there", func(p *tape) {
			p.at(2000).add(sim.Event{Kind: sim.KindLost, Member: 3, Index: 3, Count: 1})
			p.append(3, 3, 3, 2, 300)
			p.elect(3, 4, 2)
		}, "leader completeness: n3", 2},
		{"a leader of an old term may lack what a newer one committed", func(p *tape) {
			p.at(2000).elect(2, 5, 3)
			p.append(2, 4, 5, 2, 104)
			p.append(3, 4, 5, 2, 104)
			p.commit(2, 4)
			p.state(1, sim.Leader, 4, 1)
		}, "each of 3 terms had one leader", 0},
		{"another entry is applied", func(p *tape) {
			p.at(2000).apply(1, 4, 2, 104)
			p.apply(2, 4, 3, 104)
		}, "state machine safety: n2 applied a different entry at index 4 at 2.0 s than n1 had", 2},
		{"other content is applied", func(p *tape) {
			p.at(2000).apply(1, 4, 2, 104)
			p.apply(2, 4, 2, 105)
		}, "state machine safety: n2 applied a different entry at index 4", 2},
		{"applied again", func(p *tape) {
			p.at(2000).apply(1, 3, 2, 102)
		}, "state machine safety: n1 applied entry 3 at 2.0 s, but had already gone further", 1},
		{"applied again after a restart", func(p *tape) {
			p.at(2000).on(sim.KindCrashed, 1)
			p.add(sim.Event{Kind: sim.KindStarted, Member: 1, Index: 3, LogTerm: 2, Commit: 2})
			p.commit(1, 2)
			p.apply(1, 3, 2, 102)
		}, "one term had one leader", 0},
		{"another entry is committed", func(p *tape) {
			p.at(2000).append(2, 4, 3, 2, 104)
			p.append(3, 4, 4, 2, 104)
			p.commit(2, 4)
			p.commit(3, 4)
		}, "state machine safety: n3 committed a different entry at index 4 at 2.0 s than n2 had", 2},
		{"a committed entry is removed", func(p *tape) {
			p.at(2000).add(sim.Event{Kind: sim.KindTruncated, Member: 2, Index: 3})
		}, "state machine safety: n2 removed entries from index 3 on at 2.0 s, though it had committed them", 1},
		{"a snapshot of another history", func(p *tape) {
			p.at(2000).add(sim.Event{Kind: sim.KindSnapshotInstalled, Member: 3, Peer: 1, Index: 3, Term: 1})
		}, "state machine safety: n3 installed a snapshot at index 3 at 2.0 s that ends with a different entry than n1 " +
			"applied there", 2},
		{"a snapshot, and on from there", func(p *tape) {
			p.at(2000).add(sim.Event{Kind: sim.KindSnapshotInstalled, Member: 3, Peer: 1, Index: 10, Term: 2})
			p.append(3, 11, 2, 2, 111)
			p.commit(3, 11)
			p.elect(3, 4, 2)
		}, "each of 2 terms had one leader", 0},
		{"the commit index goes back", func(p *tape) {
			p.at(2000).commit(2, 2)
		}, "commit order: the commit index of n2 went back to 2 at 2.0 s", 1},
		{"two rules, one of them twice", func(p *tape) {
			p.at(2000).commit(2, 2)
			p.commit(2, 1)
			p.state(3, sim.Leader, 2, 3)
		}, "commit order: the commit index of n2 went back to 2 at 2.0 s; election safety: n3 became leader of term 2 at " +
			"2.0 s, although n1 already led that term; and 1 more violation", 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := replicated()
			tt.go_on(p)
			v := verdict(t, "safety", p.trace())
			if v.OK != (tt.events == 0) || v.Unknown || !strings.HasPrefix(v.Why, tt.why) || len(v.Events) != tt.events {
				t.Errorf("%+v", v)
			}
			if v.OK != (len(v.Members) == 0) {
				t.Errorf("members %v", v.Members)
			}
		})
	}
}

func TestSafetySaysWhatItCouldNotSee(t *testing.T) {
	p := newTape(3).at(1000)
	p.elect(1, 2, 2, 3)
	p.commit(1, 4)
	v := verdict(t, "safety", p.trace())
	want := "one term had one leader; no commit index went back (the engine does not show the entries that members " +
		"appended and applied, so those were not judged)"
	if !v.OK || v.Why != want {
		t.Errorf("%+v", v)
	}
}

func TestATraceWithoutTheLogIsUndecidedUnlessItWasObserved(t *testing.T) {
	p := replicated()
	s := NewSafety()
	for i := range p.Events {
		s.Observe(&p.Events[i])
	}
	tr := p.trace()
	tr.Without = []sim.Kind{sim.KindAppended, sim.KindApplied, sim.KindCommitted}
	tr.Events = slices.DeleteFunc(tr.Events, func(e sim.Event) bool { return slices.Contains(tr.Without, e.Kind) })
	if v := verdict(t, "safety", tr); v.OK || !v.Unknown {
		t.Errorf("%+v", v)
	}
	named := func(r *Result) sim.Verdict {
		return r.Verdicts[slices.IndexFunc(r.Verdicts, func(v sim.Verdict) bool { return v.Check == "safety" })]
	}
	if v := named(Judge(tr)); v.OK || !v.Unknown {
		t.Errorf("%+v", v)
	}
	if v := named(Judge(tr, WithSafety(s))); !v.OK || !strings.Contains(v.Why, "9 appended entries") {
		t.Errorf("%+v", v)
	}
	p.add(sim.Event{Kind: sim.KindState, Member: 2, Role: sim.Leader, Term: 2})
	if v := verdict(t, "safety", tr); v.OK || v.Unknown { // what is left is enough to convict
		t.Errorf("%+v", v)
	}
}

// dumbSafety is the twin: it keeps every event, and after each one it works out
// all logs anew and compares everything with everything.
type dumbSafety struct{ events []sim.Event }

type dumbEntry struct{ index, term, prev, hash uint64 }

type dumbMember struct {
	log             map[uint64]uint64 // terms that are known, by index
	last            uint64
	role            sim.Role
	term            uint64
	commit, applied uint64
}

func (m *dumbMember) cut(from uint64) {
	maps.DeleteFunc(m.log, func(i, _ uint64) bool { return i >= from })
	m.last = min(m.last, max(from, 1)-1)
}

// holds reports whether the member's log may have the entry: what lies before the
// part that is known counts as held.
func (m *dumbMember) holds(index, term uint64) bool {
	if index > m.last {
		return false
	}
	t, known := m.log[index]
	return !known || t == term
}

// rules replays the run and says which rules are broken.
func (d *dumbSafety) rules() map[rule]bool {
	type done struct{ index, term, hash uint64 }
	broken := map[rule]bool{}
	members := map[sim.MemberID]*dumbMember{}
	var entries []dumbEntry
	var applied []done
	var committed []struct{ index, entry, in uint64 } // entry 0: the term is not known
	leaders := map[uint64]map[sim.MemberID]bool{}
	for _, e := range d.events {
		m := members[e.Member]
		if m == nil {
			m = &dumbMember{log: map[uint64]uint64{}}
			members[e.Member] = m
		}
		switch e.Kind {
		case sim.KindAppended:
			if m.role == sim.Leader && e.Index <= m.last {
				broken[appendOnly] = true
			}
			if t, known := m.log[e.Index-1]; known && t != e.LogTerm && !(e.Index <= m.last && m.role == sim.Leader) {
				broken[logMatching] = true
			}
			m.log[e.Index], m.last = e.Term, e.Index
			maps.DeleteFunc(m.log, func(i, _ uint64) bool { return i > e.Index })
			if _, joined := m.log[e.Index-1]; !joined {
				maps.DeleteFunc(m.log, func(i, _ uint64) bool { return i < e.Index })
			}
			entries = append(entries, dumbEntry{e.Index, e.Term, e.LogTerm, e.Value})
		case sim.KindTruncated:
			if m.role == sim.Leader && e.Index <= m.last {
				broken[appendOnly] = true
			}
			if e.Index <= m.commit {
				broken[stateMachineSafety] = true
			}
			m.cut(e.Index)
		case sim.KindLost:
			m.cut(e.Index)
		case sim.KindCrashed:
			m.role = sim.RoleNone
		case sim.KindStarted:
			m.role, m.commit, m.applied = sim.RoleNone, 0, 0
			m.cut(e.Index + 1)
			if e.Index > m.last {
				m.log, m.last = map[uint64]uint64{e.Index: e.LogTerm}, e.Index
			}
		case sim.KindSnapshotInstalled:
			for _, a := range applied {
				if a.index == e.Index && a.term != e.Term {
					broken[stateMachineSafety] = true
				}
			}
			m.log, m.last = map[uint64]uint64{e.Index: e.Term}, e.Index
			m.commit, m.applied = max(m.commit, e.Index), e.Index
		case sim.KindCommitted:
			if e.Index < m.commit {
				broken[commitOrder] = true
			}
			m.commit = e.Index
			committed = append(committed, struct{ index, entry, in uint64 }{e.Index, m.log[e.Index], m.term})
		case sim.KindApplied:
			if e.Index <= m.applied {
				broken[stateMachineSafety] = true
			}
			m.applied = e.Index
			applied = append(applied, done{e.Index, e.Term, e.Value})
		case sim.KindState:
			elected := e.Role == sim.Leader && (m.role != sim.Leader || m.term != e.Term)
			m.role, m.term = e.Role, e.Term
			if !elected {
				break
			}
			if leaders[e.Term] == nil {
				leaders[e.Term] = map[sim.MemberID]bool{}
			}
			leaders[e.Term][e.Member] = true
			var last, entry uint64 // the highest committed before the term
			for _, c := range committed {
				if c.in < e.Term {
					last = max(last, c.index)
				}
			}
			for _, c := range committed {
				if c.index == last && entry == 0 {
					entry = c.entry
				}
			}
			if entry != 0 && len(entries) > 0 && !m.holds(last, entry) {
				broken[leaderCompleteness] = true
			}
		}
	}
	for _, who := range leaders {
		if len(who) > 1 {
			broken[electionSafety] = true
		}
	}
	for i, a := range entries {
		for _, b := range entries[:i] {
			if a.index == b.index && a.term == b.term && a != b {
				broken[logMatching] = true
			}
		}
	}
	for i, a := range applied {
		for _, b := range applied[:i] {
			if a.index == b.index && a != b {
				broken[stateMachineSafety] = true
			}
		}
	}
	for i, a := range committed {
		for _, b := range committed[:i] {
			if a.index == b.index && a.entry != b.entry && a.entry != 0 && b.entry != 0 {
				broken[stateMachineSafety] = true
			}
		}
	}
	return broken
}

// drawStep draws the next event of a cluster that mostly behaves.
func drawStep(t *rapid.T, logs map[sim.MemberID][]uint64) sim.Event {
	pick := func(name string, odds ...int) int { // index by weight
		sum := 0
		for _, o := range odds {
			sum += o
		}
		n := rapid.IntRange(0, sum-1).Draw(t, name)
		for i, o := range odds {
			if n -= o; n < 0 {
				return i
			}
		}
		return 0
	}
	id := sim.MemberID(rapid.IntRange(1, 3).Draw(t, "member"))
	e := sim.Event{Member: id}
	small := func(name string, hi uint64) uint64 { return rapid.Uint64Range(0, hi).Draw(t, name) }
	log := logs[id]
	n := uint64(len(log))
	switch pick("what", 10, 5, 5, 3, 1, 1, 1, 1) {
	case 0: // append, copied from another member when that has more
		e.Kind, e.Index, e.Term = sim.KindAppended, n+1, small("term", 3)+1
		for _, other := range []sim.MemberID{1, 2, 3} {
			if uint64(len(logs[other])) > n && logs[other][n] != 0 && pick("copy", 9, 1) == 0 {
				e.Term = logs[other][n]
			}
		}
		if n > 0 {
			e.LogTerm = log[n-1]
		}
		e.Value = e.Index
		switch pick("lie", 20, 1, 1, 1) {
		case 1:
			e.Value++
		case 2:
			e.LogTerm++
		case 3:
			e.Index = small("index", n) + 1
		}
		logs[id] = append(log[:e.Index-1:e.Index-1], e.Term)
	case 1:
		e.Kind, e.Index = sim.KindCommitted, small("index", n+1)
	case 2:
		e.Kind, e.Index = sim.KindApplied, small("index", n)+1
		if e.Term = small("term", 3); e.Index <= n && pick("true", 9, 1) == 0 {
			e.Term = log[e.Index-1]
		}
		e.Value = e.Index
	case 3:
		e.Kind, e.Term = sim.KindState, small("term", 4)+1
		e.Role = rapid.SampledFrom([]sim.Role{sim.Follower, sim.Candidate, sim.Leader}).Draw(t, "role")
	case 4:
		e.Kind, e.Index = sim.KindTruncated, small("index", n)+1
		logs[id] = log[:min(n, e.Index-1)]
	case 5:
		e.Kind = sim.KindCrashed
	case 6:
		e.Kind, e.Index, e.LogTerm = sim.KindStarted, small("index", n+1), 1
		if e.Index <= n {
			logs[id] = log[:e.Index]
		} else {
			logs[id] = append(log, e.LogTerm)
		}
	case 7:
		e.Kind, e.Index, e.Term = sim.KindSnapshotInstalled, small("index", n+2)+1, small("term", 3)+1
		logs[id] = make([]uint64, e.Index)
		logs[id][e.Index-1] = e.Term
	}
	return e
}

// randomRun draws the events of a cluster that mostly behaves.
var randomRun = rapid.Custom(func(t *rapid.T) []sim.Event {
	var events []sim.Event
	logs := map[sim.MemberID][]uint64{}
	for range rapid.IntRange(1, 60).Draw(t, "length") {
		e := drawStep(t, logs)
		e.Seq = uint64(len(events) + 1)
		events = append(events, e)
	}
	return events
})

// judgeBoth lets the clever judge and the dumb one watch a run, and says where they
// part.
func judgeBoth(events []sim.Event) (*Safety, error) {
	s, d := NewSafety(), &dumbSafety{}
	for _, e := range events {
		s.Observe(&e)
		d.events = append(d.events, e)
		want, got := d.rules(), map[rule]bool{}
		for _, b := range s.broken {
			got[b.rule] = true
		}
		if !maps.Equal(got, want) {
			return s, fmt.Errorf("after %s event %d: broken %v, comparing everything says %v\n%s", e.Kind, e.Seq, got, want, d)
		}
	}
	return s, nil
}

func TestSafetyAgreesWithComparingEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		if _, err := judgeBoth(randomRun.Draw(t, "run")); err != nil {
			t.Fatal(err)
		}
	})
}

// The comparison shows something only if random runs break every rule, and not
// always.
func TestRandomRunsBreakEveryRule(t *testing.T) {
	var caught [rules]int
	clean := 0
	for seed := range 400 {
		s, err := judgeBoth(randomRun.Example(seed))
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range s.broken {
			caught[b.rule]++
		}
		if !s.Broken() {
			clean++
		}
	}
	if slices.Contains(caught[:], 0) || clean == 0 {
		t.Errorf("rules %q were broken %v times, none of them in %d runs", ruleNames, caught, clean)
	}
}

func (d *dumbSafety) String() string {
	var b strings.Builder
	for _, e := range d.events {
		fmt.Fprintf(&b, "%d %s n%d role %v term %d index %d prev %d value %d\n", e.Seq, e.Kind, e.Member, e.Role, e.Term,
			e.Index, e.LogTerm, e.Value)
	}
	return b.String()
}

// BenchmarkSafety is the cost of an event in the mix of a running cluster of five:
// for each entry five appends, commits and applies, and thirty messages' events.
func BenchmarkSafety(b *testing.B) {
	var events []sim.Event
	add := func(e sim.Event) {
		e.Seq = uint64(len(events) + 1)
		events = append(events, e)
	}
	const entries = 10_000
	for i := range uint64(entries) {
		for m := range sim.MemberID(5) {
			for range 3 {
				add(sim.Event{Kind: sim.KindSent, Member: m + 1})
				add(sim.Event{Kind: sim.KindDelivered, Member: m + 1})
			}
			add(sim.Event{Kind: sim.KindAppended, Member: m + 1, Index: i + 1, Term: 2, LogTerm: min(i, 1) * 2, Value: i * 7})
			add(sim.Event{Kind: sim.KindCommitted, Member: m + 1, Index: i + 1})
			add(sim.Event{Kind: sim.KindApplied, Member: m + 1, Index: i + 1, Term: 2, Value: i * 7})
		}
	}
	log := slices.DeleteFunc(slices.Clone(events), func(e sim.Event) bool {
		return e.Kind == sim.KindSent ||
			e.Kind == sim.KindDelivered
	})
	for _, mix := range []struct {
		name   string
		events []sim.Event
	}{{"a run's mix", events}, {"log events only", log}} {
		b.Run(mix.name, func(b *testing.B) {
			for b.Loop() {
				s := NewSafety()
				for i := range mix.events {
					s.Observe(&mix.events[i])
				}
				if s.Broken() {
					b.Fatal(s.broken)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(mix.events)), "ns/event")
		})
	}
}
