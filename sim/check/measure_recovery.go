package check

import (
	"math"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/script"
)

func init() {
	spanned := func(name, about string, find func(r *run, w sim.Window) (span, bool)) {
		register(name, sim.Millis, sim.OfInterval, about, func(r *run, w sim.Window) (float64, bool) {
			s, ok := find(r, w)
			if !ok || !w.Has(s.to) {
				return 0, false
			}
			return millis(s.to - s.from)
		})
		explain(name, func(r *run, w sim.Window) []uint64 {
			s, _ := find(r, w)
			return seqs(s.fromSeq, s.toSeq)
		})
	}
	spanned("recovery.time",
		"the time from the moment when fewer voters than a quorum were running, or else from the first crash, panic or "+
			"pause of a member, until the first write requested after that was acknowledged",
		(*run).recovery)
	spanned("recovery.full",
		"the time from the first crash, panic or pause of a voter until as many voters were running as before",
		(*run).fullRecovery)
	spanned("restore.time",
		"the time from the statement that made a new cluster (restore, force-new-cluster) until the first acknowledgement "+
			"of a write that was requested once it was up",
		(*run).restoreTime)

	counted := func(name, about string, k sim.Kind, fits func(e *sim.Event) bool) {
		register(name, sim.Count, sim.OfEvents, about, func(r *run, w sim.Window) (float64, bool) {
			n := 0
			r.each(k, w, func(e *sim.Event) {
				if fits(e) {
					n++
				}
			})
			return count(n)
		})
		explain(name, func(r *run, w sim.Window) (ns []uint64) {
			r.each(k, w, func(e *sim.Event) {
				if fits(e) && len(ns) < maxEvents {
					ns = append(ns, e.Seq)
				}
			})
			return ns
		})
	}
	every := func(*sim.Event) bool { return true }
	counted("backups", "snapshots of the store that clients saved", sim.KindSnapshotSaved, every)
	counted("clusters.new", "new clusters that replaced the old one: restored from a snapshot, or forced from one "+
		"member's data", sim.KindNewCluster, every)
	counted("alarms.corrupt", "how often the CORRUPT alarm was raised for a member", sim.KindAlarm,
		func(e *sim.Event) bool { return e.Count == sim.AlarmCorrupt && e.Value == 1 })
	register("hash.mismatches", sim.Count, sim.OfEvents,
		"hashes that compare-hashes found to differ from those of most members at the same revision; in a tie, the hash "+
			"that came first counts as that of most",
		func(r *run, w sim.Window) (float64, bool) {
			n, compared := 0, false
			for _, c := range r.comparisons() {
				if w.Has(c[0].At) {
					n, compared = n+len(outvoted(c)), true
				}
			}
			return float64(n), compared
		})
	explain("hash.mismatches", func(r *run, w sim.Window) (ns []uint64) {
		for _, c := range r.comparisons() {
			if !w.Has(c[0].At) {
				continue
			}
			for _, e := range outvoted(c) {
				ns = append(ns, e.Seq)
			}
		}
		return ns
	})
}

// isLoss reports whether the event takes a member away.
func isLoss(e *sim.Event) bool {
	return e.Kind == sim.KindCrashed || e.Kind == sim.KindPanicked || e.Kind == sim.KindPaused
}

// running counts the voters whose processes run.
func (v *view) running() (n int) {
	for i, m := range v.members {
		if m.voter && v.runs(sim.MemberID(i+1)) {
			n++
		}
	}
	return n
}

// recovery is from the loss of the quorum, or of a member, to the first write.
func (r *run) recovery(w sim.Window) (s span, ok bool) {
	v := newView(r.quiet)
	var lost *sim.Event
	for i := range r.quiet.Events {
		e := &r.quiet.Events[i]
		quorum := v.quorum()
		had := v.running() >= quorum
		if !v.apply(e) || !w.Has(e.At) || !isLoss(e) {
			continue
		}
		if lost == nil {
			lost = e
		}
		if had && v.running() < quorum {
			lost = e
			break
		}
	}
	if lost == nil {
		return s, false
	}
	return r.untilWrite(lost, lost)
}

// untilWrite is from one event to the first acknowledged write that was requested after another.
func (r *run) untilWrite(from, after *sim.Event) (span, bool) {
	s := span{from: from.At, fromSeq: from.Seq, to: math.MaxInt64}
	for i := range r.ops() {
		if o := &r.ops()[i]; o.wrote() && o.call.Seq > after.Seq && o.ret.At < s.to {
			s.to, s.toSeq = o.ret.At, o.ret.Seq
		}
	}
	return s, s.toSeq != 0
}

// fullRecovery is from the loss of a voter until as many run as before.
func (r *run) fullRecovery(w sim.Window) (s span, ok bool) {
	v := newView(r.quiet)
	before := 0
	for i := range r.quiet.Events {
		e := &r.quiet.Events[i]
		had := v.running()
		if !v.apply(e) {
			continue
		}
		switch now := v.running(); {
		case before == 0 && isLoss(e) && w.Has(e.At) && now < had:
			before = had
			s = span{from: e.At, fromSeq: e.Seq}
		case before > 0 && now >= before:
			s.to, s.toSeq = e.At, e.Seq
			return s, true
		}
	}
	return s, false
}

// restoreTime is from the statement behind the first new cluster to the first write.
func (r *run) restoreTime(w sim.Window) (span, bool) {
	for _, begun := range r.kinds()[sim.KindNewCluster] {
		if !w.Has(begun.At) {
			continue
		}
		from := begun
		for _, f := range r.kinds()[sim.KindFaultBegun] {
			st, err := script.Parse(f.Note)
			if f.Seq < begun.Seq && err == nil && needs(st, sim.PowerBackup) {
				from = f
			}
		}
		return r.untilWrite(from, begun)
	}
	return span{}, false
}

// comparisons lists the hashes that were compared with each other.
func (r *run) comparisons() (cs [][]*sim.Event) {
	for _, e := range r.kinds()[sim.KindHash] {
		switch n := len(cs); {
		case e.ID == 0:
		case n > 0 && cs[n-1][0].ID == e.ID:
			cs[n-1] = append(cs[n-1], e)
		default:
			cs = append(cs, []*sim.Event{e})
		}
	}
	return cs
}

// outvoted lists the hashes that are not those of most.
func outvoted(comparison []*sim.Event) (es []*sim.Event) {
	votes := map[uint64]int{}
	most := comparison[0].Value
	for _, e := range comparison {
		votes[e.Value]++
	}
	for _, e := range comparison {
		if votes[e.Value] > votes[most] {
			most = e.Value
		}
	}
	for _, e := range comparison {
		if e.Value != most {
			es = append(es, e)
		}
	}
	return es
}

// grace is how long before the end of a watch an acknowledged write may still be on its way to it.
func (r *run) grace() time.Duration { return r.t.Scenario.Cluster.Election.Hi }
