package check

import (
	"fmt"
	"time"

	"quorumlab/sim"
)

// tellLocks tells of hand-overs that took long, of locks that had two holders, and of old tokens.
func (r *run) tellLocks(eps []*episode) {
	for _, h := range r.handOvers() {
		if d := h.to.At - h.from.At; d >= r.notable() && !r.sharedBy(h.to) {
			e := during(eps, h.to.Seq)
			e.change(h.to.At, fmt.Sprintf("%s got the lock %s, %s after %s was last heard of", clientName(h.to), h.to.Key,
				length(d), clientName(h.holder)), h.to.Seq)
			e.weight += d
		}
	}
	for _, o := range r.overlaps() {
		e := during(eps, o.second.held.Seq)
		both := min(o.first.until(r), o.second.until(r)) - o.second.held.At
		e.change(o.second.held.At, fmt.Sprintf("%s got the lock %s, and for %s %s took itself for its holder, too",
			clientName(o.second.held), o.second.held.Key, length(both), clientName(o.first.held)), o.second.held.Seq)
		e.weight += both + time.Second
	}
	type account struct {
		taken, refused int
		first          *sim.Event
	}
	accounts := map[*episode]*account{}
	for _, s := range r.kinds()[sim.KindLock] {
		if s.Count == sim.LockLost {
			e := during(eps, s.Seq)
			e.change(s.At, fmt.Sprintf("%s noticed that its session was over, and with it its lock %s", clientName(s), s.Key),
				s.Seq)
		}
		if !staleWrite(s) {
			continue
		}
		e := during(eps, s.Seq)
		a := accounts[e]
		if a == nil {
			a = &account{first: s}
			accounts[e] = a
		}
		if s.Result == sim.OutcomeOK {
			a.taken++
		} else {
			a.refused++
		}
	}
	for _, e := range eps {
		a := accounts[e]
		if a == nil {
			continue
		}
		if a.taken > 0 {
			e.effect(fmt.Sprintf("what the lock guards took %s with an old token", number(a.taken, "write")), a.first.Seq)
		}
		if a.refused > 0 {
			e.effect(fmt.Sprintf("what the lock guards refused %s with an old token", number(a.refused, "write")), a.first.Seq)
		}
		e.weight += time.Second
	}
}

// sharedBy reports whether a hold began while another one lasted.
func (r *run) sharedBy(held *sim.Event) bool {
	for _, o := range r.overlaps() {
		if o.second.held == held {
			return true
		}
	}
	return false
}
