package check

import (
	"fmt"
	"time"

	"quorumlab/internal/stats"
	"quorumlab/sim"
)

// refusals are operations of one episode that the cluster refused, or left without an answer.
type refusals struct {
	ops, writes int
	last        time.Duration // when the last one was asked
	asked       []sim.MemberID
	first       uint64
}

// add counts an operation.
func (f *refusals) add(o *op) {
	if f.ops++; f.ops == 1 {
		f.first = o.call.Seq
	}
	if o.call.Op.IsWrite() {
		f.writes++
	}
	f.last = max(f.last, o.call.At)
	if o.ret != nil {
		f.asked = appendMember(f.asked, o.ret.Member)
	}
}

// tell adds a sentence about the operations, if there are any.
func (f *refusals) tell(r *run, e *episode, became string) {
	if f.ops == 0 {
		return
	}
	text := number(f.ops, "operation")
	if f.writes == f.ops {
		text = number(f.ops, "write")
	}
	if len(f.asked) > 0 && len(f.asked) < 3 {
		text += " through " + names(r.t, f.asked)
	}
	text += became
	if f.ops > 1 {
		text += ", the last one sent at " + moment(f.last)
	}
	e.effect(text, f.first)
	e.weight += time.Duration(f.ops) * time.Millisecond
}

// tellClients tells in each episode how long no write succeeded, and which
// operations were refused or got no answer.
func (r *run) tellClients(eps []*episode) {
	r.tellOutages(eps)
	type account struct {
		full, corrupt       refusals // for lack of space; because of the CORRUPT alarm
		refused, unanswered refusals
	}
	accounts := map[*episode]*account{}
	for i := range r.ops() {
		o := &r.ops()[i]
		if o.answered() {
			continue
		}
		e := r.causing(eps, o.call.Seq, o.call.At, r.ended(o))
		a := accounts[e]
		if a == nil {
			a = &account{}
			accounts[e] = a
		}
		switch {
		case o.outOfSpace():
			a.full.add(o)
		case o.ret != nil && o.ret.Count == sim.AlarmCorrupt:
			a.corrupt.add(o)
		case o.refused():
			a.refused.add(o)
		default:
			a.unanswered.add(o)
		}
	}
	for _, e := range eps {
		a := accounts[e]
		if a == nil {
			continue
		}
		if n := a.full.ops; n > 0 {
			e.effect(number(n, "write")+was(n)+"refused for lack of space", a.full.first)
		}
		if n := a.corrupt.ops; n > 0 {
			e.effect(number(n, "operation")+was(n)+"refused because of the alarm", a.corrupt.first)
		}
		e.weight += time.Duration(a.full.ops+a.corrupt.ops) * time.Millisecond
		a.refused.tell(r, e, was(a.refused.ops)+"refused")
		a.unanswered.tell(r, e, " got no answer")
	}
}

func was(n int) string {
	if n == 1 {
		return " was "
	}
	return " were "
}

// tellOutages tells how long no write succeeded, where that is more than the
// ordinary wait for an answer.
func (r *run) tellOutages(eps []*episode) {
	longest := map[*episode]span{}
	for _, s := range r.outageSpans() {
		if s.to-s.from < r.notable() {
			continue
		}
		e := r.causing(eps, s.fromSeq, s.from, s.to)
		if l := longest[e]; s.to-s.from > l.to-l.from {
			longest[e] = s
		}
	}
	for _, e := range eps {
		s, ok := longest[e]
		switch {
		case !ok:
			continue
		case s.toSeq == 0:
			e.effect("no more writes succeeded", s.fromSeq)
		default:
			e.effect(fmt.Sprintf("for %s no write succeeded", length(s.to-s.from)), s.fromSeq, s.toSeq)
		}
		e.weight += s.to - s.from
	}
}

// notable is the shortest wait for a write that is worth a word: half of the
// shortest election timeout, after which followers may miss their leader, and
// several times what writes usually take.
func (r *run) notable() time.Duration {
	usual := time.Duration(0)
	if ds := r.latenciesIn(sim.OpPut, r.window(sim.Window{})); len(ds) > 0 {
		usual = stats.Quantile(ds, 0.5)
	}
	return max(r.t.Scenario.Cluster.Election.Lo/2, 5*usual)
}
