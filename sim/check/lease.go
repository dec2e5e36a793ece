package check

import (
	"fmt"
	"slices"
	"time"

	"quorumlab/internal/stats"
	"quorumlab/sim"
)

func init() {
	registerCheck("leases",
		"no lease ended before its time to live had passed since its client asked for the newest renewal that was granted, "+
			"unless the client revoked it",
		false, leasesCheck)

	leases := func(name, about string, fits func(l *lease) (*sim.Event, bool)) {
		register(name, sim.Count, sim.OfEvents, about, func(r *run, w sim.Window) (float64, bool) {
			n := 0
			for _, l := range r.leases() {
				if e, ok := fits(l); ok && w.Has(e.At) {
					n++
				}
			}
			return float64(n), len(r.leases()) > 0
		})
		explain(name, func(r *run, w sim.Window) (ns []uint64) {
			for _, l := range r.leases() {
				if e, ok := fits(l); ok && w.Has(e.At) && len(ns) < maxEvents {
					ns = append(ns, l.granted.asked.Seq, e.Seq)
				}
			}
			return ns
		})
	}
	leases("leases.granted", "leases that clients got", func(l *lease) (*sim.Event, bool) {
		return l.granted.answered, l.granted.ok()
	})
	leases("leases.expired", "leases that ended without their clients having revoked them",
		func(l *lease) (*sim.Event, bool) { return l.ended, l.expired() })
	leases("leases.early", "leases that expired before their time: see the check leases",
		func(l *lease) (*sim.Event, bool) { return l.ended, l.early() > 0 })
	leases("leases.lost",
		"leases that expired while their clients kept them alive: no request got through in time, or the cluster was wrong",
		func(l *lease) (*sim.Event, bool) { return l.ended, l.expired() && l.keptAt(l.ended) })
	leases("leases.given-up", "leases that their clients stopped keeping alive by themselves: they were told that the "+
		"lease is gone, or had no answer for its time to live", func(l *lease) (*sim.Event, bool) {
		return l.givenUp, l.givenUp != nil
	})

	late := func(name, about string, of func(ds []time.Duration) time.Duration) {
		register(name, sim.Millis, sim.OfInterval, about, func(r *run, w sim.Window) (float64, bool) {
			ds := r.latenesses(w)
			if len(ds) == 0 {
				return 0, false
			}
			return millis(of(ds))
		})
	}
	late("leases.late.p50", "how long after their time to live half of the leases that expired were still there at most; "+
		"the time counts from the newest answer to a keep-alive, or to the grant",
		func(ds []time.Duration) time.Duration { return stats.Quantile(ds, 0.5) })
	late("leases.late.max", "how long after its time to live a lease that expired was still there at most; the time "+
		"counts from the newest answer to a keep-alive, or to the grant",
		func(ds []time.Duration) time.Duration { return ds[len(ds)-1] })
	explain("leases.late.max", func(r *run, w sim.Window) (ns []uint64) {
		var worst *lease
		for _, l := range r.leases() {
			if l.lies(w) && (worst == nil || l.late() > worst.late()) {
				worst = l
			}
		}
		if worst != nil {
			ns = append(ns, worst.newest().answered.Seq, worst.ended.Seq)
		}
		return ns
	})
}

// renewal is a request for a lease and its answer, which is nil when there was none.
type renewal struct{ asked, answered *sim.Event }

// ok reports whether the cluster granted what was asked.
func (q renewal) ok() bool { return q.answered != nil && q.answered.Result == sim.OutcomeOK }

// ttl is the time to live that it granted.
func (q renewal) ttl() time.Duration { return time.Duration(q.answered.Value) * time.Millisecond }

// lease is what happened to one.
type lease struct {
	granted  renewal
	renewals []renewal  // that were granted, the grant among them
	revoked  *sim.Event // when its client asked for that; nil: never
	ended    *sim.Event
	givenUp  *sim.Event
	fates    []*sim.Event
}

// leases lists them in order of their grants.
func (r *run) leases() []*lease {
	return r.leaseList.get(func() (all []*lease) {
		byID := map[uint64]*lease{}
		type request struct{ lease, number uint64 }
		asked := map[request]*sim.Event{}
		for i := range r.quiet.Events {
			e := &r.quiet.Events[i]
			l := byID[e.ID]
			switch e.Kind {
			case sim.KindLeaseAsked:
				if l == nil {
					l = &lease{}
					byID[e.ID], all = l, append(all, l)
				}
				asked[request{e.ID, e.Index}] = e
				l.ask(e)
			case sim.KindLeaseAnswered:
				if q := asked[request{e.ID, e.Index}]; q != nil && l != nil {
					delete(asked, request{e.ID, e.Index})
					l.answer(renewal{q, e})
				}
			case sim.KindLease:
				if l != nil {
					l.become(e)
				}
			}
		}
		return slices.DeleteFunc(all, func(l *lease) bool { return l.granted.asked == nil })
	})
}

func (l *lease) ask(e *sim.Event) {
	switch {
	case e.Count == sim.LeaseGrant && l.granted.asked == nil:
		l.granted.asked = e
	case e.Count == sim.LeaseRevoke && l.revoked == nil:
		l.revoked = e
	}
}

func (l *lease) answer(q renewal) {
	if q.asked.Count == sim.LeaseGrant {
		l.granted = q
	}
	if q.ok() && q.asked.Count != sim.LeaseRevoke {
		l.renewals = append(l.renewals, q)
	}
}

func (l *lease) become(e *sim.Event) {
	l.fates = append(l.fates, e)
	switch {
	case e.Count == sim.LeaseEnded && l.ended == nil:
		l.ended = e
	case e.Count == sim.LeaseLeft && e.Result == sim.OutcomeFailed && l.givenUp == nil:
		l.givenUp = e
	}
}

// expired reports whether it ended by itself.
func (l *lease) expired() bool {
	return l.ended != nil && (l.revoked == nil || l.revoked.Seq > l.ended.Seq)
}

// due is the earliest time at which it may have ended: the newest renewal of all may have been granted as soon as it
// was asked for.
func (l *lease) due() (at time.Duration, by renewal) {
	for _, q := range l.renewals {
		if end := q.asked.At + q.ttl(); end > at {
			at, by = end, q
		}
	}
	return at, by
}

// early is how long before its time it ended.
func (l *lease) early() time.Duration {
	at, _ := l.due()
	if !l.expired() || at <= l.ended.At {
		return 0
	}
	return at - l.ended.At
}

// newest is the renewal that was answered last, before it ended.
func (l *lease) newest() (newest renewal) {
	for _, q := range l.renewals {
		if l.ended == nil || q.answered.Seq < l.ended.Seq {
			newest = q
		}
	}
	return newest
}

// late is how long after its time it ended.
func (l *lease) late() time.Duration {
	q := l.newest()
	return max(0, l.ended.At-q.answered.At-q.ttl())
}

// lies reports whether its last renewal and its end are in the window.
func (l *lease) lies(w sim.Window) bool {
	return l.expired() && l.newest().ok() && w.Has(l.newest().answered.At) && w.Has(l.ended.At)
}

// latenesses of the leases that expired, in ascending order.
func (r *run) latenesses(w sim.Window) (ds []time.Duration) {
	for _, l := range r.leases() {
		if l.lies(w) {
			ds = append(ds, l.late())
		}
	}
	slices.Sort(ds)
	return ds
}

// keptAt reports whether the client kept it alive when something happened.
func (l *lease) keptAt(e *sim.Event) (kept bool) {
	for _, f := range l.fates {
		if f.Seq > e.Seq {
			break
		}
		switch f.Count {
		case sim.LeaseKept:
			kept = true
		case sim.LeaseLeft:
			kept = false
		}
	}
	return kept
}

// leasesCheck finds leases that ended too early.
func leasesCheck(r *run) sim.Verdict {
	v := sim.Verdict{Check: "leases", OK: true}
	ls := r.leases()
	expired, worst := 0, (*lease)(nil)
	for _, l := range ls {
		if l.expired() {
			expired++
		}
		if l.early() == 0 {
			continue
		}
		_, by := l.due()
		v.OK = false
		v.Members = appendMember(v.Members, l.ended.Member)
		if len(v.Events) < maxEvents {
			v.Events = append(v.Events, by.asked.Seq, by.answered.Seq, l.ended.Seq)
		}
		if worst == nil || l.early() > worst.early() {
			worst = l
		}
	}
	switch {
	case worst != nil:
		_, by := worst.due()
		v.Why = fmt.Sprintf("the lease %s ended at %s, %s before its time: its client had asked at %s, and was granted %s",
			worst.ended.Key, moment(worst.ended.At), length(worst.early()), moment(by.asked.At), length(by.ttl()))
	case len(ls) == 0:
		v.Why = "there was no lease"
	default:
		v.Why = fmt.Sprintf("of %s, %d expired, and none of them before its time", number(len(ls), "lease"), expired)
	}
	return v
}
