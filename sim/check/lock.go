package check

import (
	"fmt"
	"slices"
	"time"

	"quorumlab/internal/stats"
	"quorumlab/sim"
)

func init() {
	registerCheck("mutual-exclusion",
		"no two clients took themselves for the holder of one lock, or the winner of one election, at the same time. No "+
			"lock with a lease can promise that of clients that may stand still",
		false, mutualExclusion)
	registerCheck("fencing",
		"what a lock guards took no write with an older token after one with a newer token",
		false, fencing)

	counted := func(name, about string, events func(r *run) []*sim.Event) {
		register(name, sim.Count, sim.OfEvents, about, func(r *run, w sim.Window) (float64, bool) {
			n := 0
			for _, e := range events(r) {
				if w.Has(e.At) {
					n++
				}
			}
			return float64(n), len(r.claims()) > 0
		})
		explain(name, func(r *run, w sim.Window) (ns []uint64) {
			for _, e := range events(r) {
				if w.Has(e.At) && len(ns) < maxEvents {
					ns = append(ns, e.Seq)
				}
			}
			return ns
		})
	}
	stage := func(fits func(e *sim.Event) bool) func(r *run) []*sim.Event {
		return func(r *run) (es []*sim.Event) {
			for _, e := range r.kinds()[sim.KindLock] {
				if fits(e) {
					es = append(es, e)
				}
			}
			return es
		}
	}
	counted("locks.held", "times that a client got a lock, or won an election",
		stage(func(e *sim.Event) bool { return e.Count == sim.LockHeld }))
	counted("locks.lost", "times that a client noticed that its session was over, and with it its lock",
		stage(func(e *sim.Event) bool { return e.Count == sim.LockLost }))
	counted("locks.shared", "times that a client got a lock while another one still took itself for the holder",
		func(r *run) (es []*sim.Event) {
			for _, o := range r.overlaps() {
				es = append(es, o.second.held)
			}
			return es
		})
	counted("locks.stale.taken",
		"writes that what a lock guards took although their token was older than one that it had seen",
		stage(func(e *sim.Event) bool { return staleWrite(e) && e.Result == sim.OutcomeOK }))
	counted("locks.stale.refused", "writes that what a lock guards refused, since their token was older than one that it "+
		"had seen (fencing)", stage(func(e *sim.Event) bool { return staleWrite(e) && e.Result != sim.OutcomeOK }))
	register("locks.shared.time", sim.Millis, sim.OfTime,
		"how long two clients or more took themselves for the holder of one lock",
		func(r *run, w sim.Window) (float64, bool) {
			total := time.Duration(0)
			for _, s := range r.sharedSpans() {
				total += r.within(s, w)
			}
			return sim.MillisOf(total), len(r.claims()) > 0
		})
	handOver := func(name, about string, share float64) {
		about += ", counted from when it asked, or, if that was later, from when the holder gave it back or wrote last"
		register(name, sim.Millis, sim.OfInterval, about,
			func(r *run, w sim.Window) (float64, bool) {
				var ds []time.Duration
				for _, h := range r.handOvers() {
					if w.Has(h.from.At) && w.Has(h.to.At) {
						ds = append(ds, h.to.At-h.from.At)
					}
				}
				if len(ds) == 0 {
					return 0, false
				}
				slices.Sort(ds)
				return millis(stats.Quantile(ds, share))
			})
	}
	handOver("locks.hand-over.p50",
		"how long it took at most, for half of the times, until a client that waited got the lock", 0.5)
	handOver("locks.hand-over.max", "how long it took at most until a client that waited got the lock", 1)
}

// staleWrite reports whether an event is a write with a token older than one seen before.
func staleWrite(e *sim.Event) bool { return e.Count == sim.LockWrote && e.Revision < e.Old }

// claim is a client's hold of a lock, from wanting it until it knows that it has it no more.
type claim struct {
	wanted, held, ended *sim.Event // nil: it did not come to that
	wrote               []*sim.Event
}

// until is when the client no longer took itself for the holder.
func (c *claim) until(r *run) time.Duration {
	if c.ended == nil {
		return r.length
	}
	return c.ended.At
}

// claims lists them in order of their beginnings.
func (r *run) claims() []*claim {
	return r.claimList.get(func() (all []*claim) {
		byID := map[uint64]*claim{}
		for _, e := range r.kinds()[sim.KindLock] {
			c := byID[e.ID]
			if c == nil {
				c = &claim{wanted: e}
				byID[e.ID], all = c, append(all, c)
			}
			switch {
			case e.Count == sim.LockHeld && c.held == nil:
				c.held = e
			case e.Count == sim.LockWrote:
				c.wrote = append(c.wrote, e)
			case (e.Count == sim.LockReleased || e.Count == sim.LockLost || e.Count == sim.LockFailed) && c.ended == nil:
				c.ended = e
			}
		}
		return all
	})
}

// holds lists the claims that came to a hold, by lock and in order of the holds.
func (r *run) holds() map[string][]*claim {
	byKey := map[string][]*claim{}
	for _, c := range r.claims() {
		if c.held != nil {
			byKey[c.held.Key] = append(byKey[c.held.Key], c)
		}
	}
	for _, cs := range byKey {
		slices.SortFunc(cs, func(a, b *claim) int { return int(a.held.Seq) - int(b.held.Seq) })
	}
	return byKey
}

// overlap is two holds of one lock at the same time.
type overlap struct{ first, second *claim }

// overlaps lists for each hold the one before it that lasts the longest, if it lasts into it.
func (r *run) overlaps() (all []overlap) {
	for _, cs := range r.holds() {
		for i, c := range cs {
			var with *claim
			for _, b := range cs[:i] {
				if (b.ended == nil || b.ended.Seq > c.held.Seq) && (with == nil || b.until(r) > with.until(r)) {
					with = b
				}
			}
			if with != nil {
				all = append(all, overlap{with, c})
			}
		}
	}
	slices.SortFunc(all, func(a, b overlap) int { return int(a.second.held.Seq) - int(b.second.held.Seq) })
	return all
}

// sharedSpans are the times of overlaps, without those within others, of each lock.
func (r *run) sharedSpans() (spans []span) {
	last := map[string]time.Duration{}
	for _, o := range r.overlaps() {
		s := span{from: max(o.second.held.At, last[o.second.held.Key]), to: min(o.first.until(r), o.second.until(r))}
		if s.to > s.from {
			spans = append(spans, s)
			last[o.second.held.Key] = s.to
		}
	}
	return spans
}

// handOver is from the last sign of one holder, or from when the next one asked, to that one's hold.
type handOver struct{ holder, from, to *sim.Event }

// handOvers lists those to clients that were waiting.
func (r *run) handOvers() (all []handOver) {
	for _, cs := range r.holds() {
		for i, c := range cs[:max(0, len(cs)-1)] {
			next := cs[i+1]
			from := c.held
			for _, w := range c.wrote {
				if w.Seq < next.held.Seq {
					from = w
				}
			}
			if c.ended != nil && c.ended.Seq < next.held.Seq {
				from = c.ended
			}
			if c.ended != nil && c.ended.Seq < next.wanted.Seq {
				continue // it was free
			}
			if next.wanted.Seq > from.Seq {
				from = next.wanted
			}
			all = append(all, handOver{c.held, from, next.held})
		}
	}
	slices.SortFunc(all, func(a, b handOver) int { return int(a.to.Seq) - int(b.to.Seq) })
	return all
}

func mutualExclusion(r *run) sim.Verdict {
	v := sim.Verdict{Check: "mutual-exclusion", OK: true}
	held := 0
	for _, cs := range r.holds() {
		held += len(cs)
	}
	os := r.overlaps()
	switch {
	case len(os) > 0:
		o := os[0]
		v.OK = false
		v.Why = fmt.Sprintf("%s got the lock %s at %s, while %s took itself for its holder, as it did until %s",
			clientName(o.second.held), o.second.held.Key, moment(o.second.held.At), clientName(o.first.held),
			moment(o.first.until(r)))
		for _, o := range os {
			if len(v.Events) < maxEvents {
				v.Events = append(v.Events, o.first.held.Seq, o.second.held.Seq)
			}
		}
	case held == 0:
		v.Why = "no client had a lock"
	default:
		v.Why = fmt.Sprintf("the %s overlapped in no place", number(held, "hold"))
	}
	return v
}

func fencing(r *run) sim.Verdict {
	v := sim.Verdict{Check: "fencing", OK: true}
	writes, refused := 0, 0
	var first *sim.Event
	for _, e := range r.kinds()[sim.KindLock] {
		if e.Count != sim.LockWrote {
			continue
		}
		writes++
		switch {
		case staleWrite(e) && e.Result == sim.OutcomeOK:
			if first == nil {
				first = e
			}
			if len(v.Events) < maxEvents {
				v.Events = append(v.Events, e.Seq)
			}
		case staleWrite(e):
			refused++
		}
	}
	switch {
	case first != nil:
		v.OK = false
		v.Why = fmt.Sprintf("at %s what the lock %s guards took a write of %s with the token %d, after one with the token %d",
			moment(first.At), first.Key, clientName(first), first.Revision, first.Old)
	case writes == 0:
		v.Why = "nobody wrote to what a lock guards"
	case refused > 0:
		v.Why = fmt.Sprintf("of %s, %d had an old token and were refused", number(writes, "write"), refused)
	default:
		v.Why = fmt.Sprintf("the tokens of %s never went back", number(writes, "write"))
	}
	return v
}
