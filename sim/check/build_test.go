package check

import (
	"slices"
	"testing"
	"time"

	"quorumlab/sim"
)

// tape builds a trace by hand: each method adds an event at the tape's time.
type tape struct {
	sim.Trace
	now  time.Duration
	step uint64 // number of the last fault
	op   uint64 // number of the last operation
}

// newTape is a cluster of n voters, all started, without a leader.
func newTape(n int) *tape {
	p := &tape{}
	p.Engine = "sim"
	p.Scenario.Name = "tape"
	p.Scenario.Workload.Reads = sim.ReadLinearizable
	p.Scenario.Workload.Timeout = 7 * time.Second
	p.Scenario.Cluster.Heartbeat = 100 * time.Millisecond
	p.Scenario.Cluster.Election = sim.Fixed(time.Second)
	p.Scenario.Cluster.PreVote = true
	for id := range sim.MemberID(n) {
		name := (id + 1).String()
		p.Members = append(p.Members, name)
		p.Scenario.Cluster.Members = append(p.Scenario.Cluster.Members, sim.MemberSpec{Name: name, Role: sim.Follower})
	}
	for id := range sim.MemberID(n) {
		p.add(sim.Event{Kind: sim.KindStarted, Member: id + 1})
	}
	return p
}

// at moves the tape to a time, in milliseconds.
func (p *tape) at(ms int) *tape {
	p.now = time.Duration(ms) * time.Millisecond
	return p
}

// add writes an event and returns its number.
func (p *tape) add(e sim.Event) uint64 {
	e.Seq, e.At = uint64(len(p.Events)+1), p.now
	p.Events = append(p.Events, e)
	return e.Seq
}

func (p *tape) state(m sim.MemberID, r sim.Role, term uint64, leader sim.MemberID) uint64 {
	return p.add(sim.Event{Kind: sim.KindState, Member: m, Role: r, Term: term, Peer: leader})
}

// elect lets a member win a term with the votes of others, which then follow it.
func (p *tape) elect(m sim.MemberID, term uint64, others ...sim.MemberID) uint64 {
	p.state(m, sim.Candidate, term, 0)
	for _, o := range others {
		p.state(o, sim.Follower, term, 0)
	}
	seq := p.state(m, sim.Leader, term, m)
	for _, o := range others {
		p.state(o, sim.Follower, term, m)
	}
	return seq
}

// on adds an event of a kind that needs no more than its member.
func (p *tape) on(k sim.Kind, m sim.MemberID) uint64 { return p.add(sim.Event{Kind: k, Member: m}) }

// link cuts or mends the links between two members, both ways.
func (p *tape) link(k sim.Kind, a, b sim.MemberID) {
	p.add(sim.Event{Kind: k, Member: a, Peer: b})
	p.add(sim.Event{Kind: k, Member: b, Peer: a})
}

// split cuts every link between two sides.
func (p *tape) split(left, right []sim.MemberID) {
	for _, a := range left {
		for _, b := range right {
			p.link(sim.KindLinkCut, a, b)
		}
	}
}

// begin writes that a statement took effect and returns the fault's number.
func (p *tape) begin(text string) uint64 {
	p.step++
	p.add(sim.Event{Kind: sim.KindFaultBegun, ID: p.step, Count: uint32(p.step), Note: text})
	return p.step
}

// finish writes that a fault ended.
func (p *tape) finish(id uint64, text string) {
	p.add(sim.Event{Kind: sim.KindFaultEnded, ID: id, Count: uint32(id), Note: text})
}

// call begins an operation of a client and returns its number.
func (p *tape) call(client int, kind sim.OpKind, key string, value, old uint64) uint64 {
	p.op++
	p.add(sim.Event{Kind: sim.KindCall, ID: p.op, Client: uint32(client), Op: kind, Key: key, Value: value, Old: old})
	return p.op
}

// back ends an operation.
func (p *tape) back(id uint64, result sim.Outcome, value, revision uint64) uint64 {
	i := slices.IndexFunc(p.Events, func(e sim.Event) bool { return e.Kind == sim.KindCall && e.ID == id })
	c := p.Events[i]
	return p.add(sim.Event{Kind: sim.KindReturn, ID: id, Client: c.Client, Op: c.Op, Key: c.Key,
		Result: result, Value: value, Revision: revision, Member: 1})
}

// put is a write that takes the given time in milliseconds and is acknowledged.
func (p *tape) put(client int, key string, value, revision uint64, ms int) *op {
	id := p.call(client, sim.OpPut, key, value, 0)
	p.now += time.Duration(ms) * time.Millisecond
	p.back(id, sim.OutcomeOK, value, revision)
	return p.last()
}

// get is a read that takes the given time in milliseconds and is answered.
func (p *tape) get(client int, key string, value, revision uint64, ms int) *op {
	id := p.call(client, sim.OpGet, key, 0, 0)
	p.now += time.Duration(ms) * time.Millisecond
	p.back(id, sim.OutcomeOK, value, revision)
	return p.last()
}

// last is the operation of the last two events.
func (p *tape) last() *op {
	n := len(p.Events)
	call, ret := p.Events[n-2], p.Events[n-1]
	return &op{&call, &ret}
}

// final writes what a read after the run found.
func (p *tape) final(key string, value, revision uint64) uint64 {
	return p.add(sim.Event{Kind: sim.KindFinal, Key: key, Value: value, Revision: revision})
}

// trace is the tape as a trace that ends at its time.
func (p *tape) trace() *sim.Trace {
	p.Scenario.Run = max(p.Scenario.Run, p.now)
	return &p.Trace
}

// verdict asks a check by name.
func verdict(t *testing.T, check string, tr *sim.Trace) sim.Verdict {
	t.Helper()
	c := CheckNamed(check)
	if c == nil {
		t.Fatalf("there is no check %q", check)
	}
	return c.Judge(tr)
}

// value reads a measure by name; ok reports whether there was anything to measure.
func value(t *testing.T, name string, tr *sim.Trace, w sim.Window) (v float64, ok bool) {
	t.Helper()
	m := MeasureNamed(name)
	if m == nil {
		t.Fatalf("there is no measure %q", name)
	}
	return m.Compute(tr, w)
}

// want fails when a measure has another value.
func want(t *testing.T, name string, tr *sim.Trace, w sim.Window, expected float64) {
	t.Helper()
	got, ok := value(t, name, tr, w)
	if !ok || got != expected {
		t.Errorf("%s%s = %v (%v), want %v", name, w, got, ok, expected)
	}
}

// wantNothing fails when a measure found something to measure.
func wantNothing(t *testing.T, name string, tr *sim.Trace, w sim.Window) {
	t.Helper()
	if got, ok := value(t, name, tr, w); ok {
		t.Errorf("%s%s = %v, want nothing to measure", name, w, got)
	}
}

// seconds is a window in seconds.
func seconds(from, to int) sim.Window {
	return sim.Window{From: time.Duration(from) * time.Second, To: time.Duration(to) * time.Second}
}
