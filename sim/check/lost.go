package check

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"quorumlab/sim"
)

func init() {
	registerCheck("no-lost-writes",
		"every acknowledged write is in the final state or was overwritten by a later one; judged by revisions, later "+
			"reads, the reads after the run and the revisions of snapshots that the cluster was restored from",
		true, noLostWrites)
	register("writes.lost", sim.Count, sim.OfOperations,
		"acknowledged writes that are no longer in the history: their revision went to another write, a later state lacks "+
			"them, or the cluster was restored from an older snapshot",
		func(r *run, w sim.Window) (float64, bool) {
			n := 0
			for _, l := range r.lostWrites() {
				if w.Has(r.counted(l.write)) {
					n++
				}
			}
			return count(n)
		})
	explain("writes.lost", func(r *run, w sim.Window) (ns []uint64) {
		for _, l := range r.lostWrites() {
			if w.Has(r.counted(l.write)) {
				ns = append(ns, l.write.ret.Seq, l.proof.Seq)
			}
		}
		return ns
	})
}

// loss is an acknowledged write that is gone, and the event that proves it.
type loss struct {
	write *op
	proof *sim.Event // a return or a KindFinal
	reuse bool       // the proof has the write's revision; otherwise it lacks the write
}

// lostWrites lists the acknowledged writes that are proved to be gone, in order of
// their returns.
//
// The proof is in what clients saw, so it works on both engines and does not need
// the kinds of events that may be filtered. The store numbers every change, and a
// state at revision R holds the outcome of all writes up to R. So a write of
// revision r is gone when
//
//   - another write has the revision r, or
//   - a state at R >= r, seen by an operation that began after the write was
//     acknowledged, or by the reads after the run, shows in the write's key a value
//     that an older revision put there, or
//   - the cluster was restored from a snapshot of a revision below r.
//
// A lost write can escape if another one of unknown outcome took its revision and
// the key was written again; then [Safety] sees what happened in the logs.
func (r *run) lostWrites() []loss {
	return r.losses.get(func() []loss {
		gone := map[*op]loss{}
		var kept []*op // acknowledged writes that the cluster of the moment has
		acked := r.acknowledged()
		from := uint64(0)
		for _, cut := range append(r.restores(), nil) {
			until := uint64(math.MaxUint64)
			if cut != nil {
				until = cut.Seq
			}
			for len(acked) > 0 && acked[0].ret.Seq < until {
				kept, acked = append(kept, acked[0]), acked[1:]
			}
			f := lossFold{from: from, until: until, byRevision: map[uint64]*op{}, byKey: map[string][]*op{},
				revision: map[keyValue]uint64{}, gone: gone}
			f.writes(kept)
			f.readings(r.t.Scenario.Workload.Reads, r.ops(), r.kinds()[sim.KindFinal])
			if cut != nil {
				kept, from = f.restore(kept, cut), until
			}
		}
		return sorted(gone)
	})
}

// restores lists the new clusters that came from a snapshot.
func (r *run) restores() (es []*sim.Event) {
	for _, e := range r.kinds()[sim.KindNewCluster] {
		if e.Member == 0 {
			es = append(es, e)
		}
	}
	return es
}

// acknowledged lists the acknowledged writes whose revision is known, in order of their returns.
func (r *run) acknowledged() (acked []*op) {
	ops := r.ops()
	for i := range ops {
		if o := &ops[i]; o.wrote() && o.ret.Revision > 0 {
			acked = append(acked, o)
		}
	}
	slices.SortFunc(acked, func(a, b *op) int { return cmp.Compare(a.ret.Seq, b.ret.Seq) })
	return acked
}

type keyValue struct {
	key   string
	value uint64
}

// lossFold judges the stretch of a run between two restores. A restored cluster has the writes up to
// the snapshot's revision, with the revisions that they had.
type lossFold struct {
	from, until uint64 // the events of the stretch

	byRevision map[uint64]*op
	byKey      map[string][]*op    // acknowledged writes, by revision
	revision   map[keyValue]uint64 // of acknowledged writes
	gone       map[*op]loss
}

// writes files the acknowledged writes and finds revisions that were given twice:
// the write that was answered first is gone.
func (f *lossFold) writes(acked []*op) {
	for _, o := range acked {
		if first := f.byRevision[o.ret.Revision]; first != nil {
			f.lose(loss{write: first, proof: o.ret, reuse: true})
		}
		f.byRevision[o.ret.Revision] = o
		f.byKey[o.call.Key] = append(f.byKey[o.call.Key], o)
		f.revision[keyValue{o.call.Key, o.call.Value}] = o.ret.Revision
	}
	for _, ws := range f.byKey {
		slices.SortStableFunc(ws, func(a, b *op) int { return cmp.Compare(a.ret.Revision, b.ret.Revision) })
	}
}

// readings looks for the acknowledged writes in every state that was seen.
func (f *lossFold) readings(reads sim.ReadMode, ops []op, finals []*sim.Event) {
	for i := range ops {
		o := &ops[i]
		value, ok := o.read()
		if !ok || o.ret.Revision == 0 || o.ret.Seq < f.from || o.ret.Seq > f.until || o.call.Op == sim.OpGet &&
			reads == sim.ReadSerializable {
			continue // a member's local state may be another history's, and prove nothing
		}
		state := o.ret.Revision
		if o.wrote() {
			state-- // the compare-and-swap saw the state before its own change
		}
		if since, known := f.revisionOf(o.call.Key, value); known {
			f.missing(o.call.Key, since, state, o.call.Seq, o.ret)
		}
	}
	for _, e := range finals {
		if e.Seq > f.from && e.Seq < f.until {
			f.final(e)
		}
	}
}

// restore takes away what a restore does, and returns what is left.
func (f *lossFold) restore(acked []*op, cut *sim.Event) (kept []*op) {
	for _, o := range acked {
		if o.ret.Revision > cut.Old {
			f.lose(loss{write: o, proof: cut})
		}
		if _, gone := f.gone[o]; !gone {
			kept = append(kept, o)
		}
	}
	return kept
}

// revisionOf is the revision that put the value into the key. That of a write of
// unknown outcome is not known.
func (f *lossFold) revisionOf(key string, value uint64) (uint64, bool) {
	if value == 0 {
		return 0, true
	}
	rev, ok := f.revision[keyValue{key, value}]
	return rev, ok
}

// missing finds the writes of a key that a state lacks: those of a revision above
// since, up to the state's, that were acknowledged before it was asked for.
func (f *lossFold) missing(key string, since, state, asked uint64, proof *sim.Event) {
	ws := f.byKey[key]
	from, _ := slices.BinarySearchFunc(ws, since+1, func(o *op, rev uint64) int {
		return cmp.Compare(o.ret.Revision,
			rev)
	})
	for _, o := range ws[from:] {
		if o.ret.Revision > state {
			return
		}
		if o.ret.Seq < asked {
			f.lose(loss{write: o, proof: proof})
		}
	}
}

// final takes what a key held after the run.
func (f *lossFold) final(e *sim.Event) {
	if o := f.byRevision[e.Revision]; o != nil && (o.call.Key != e.Key || o.call.Value != e.Value) {
		f.lose(loss{write: o, proof: e, reuse: true})
	}
	f.missing(e.Key, e.Revision, ^uint64(0), e.Seq, e)
}

// lose keeps the first proof.
func (f *lossFold) lose(l loss) {
	if _, known := f.gone[l.write]; !known {
		f.gone[l.write] = l
	}
}

func sorted(gone map[*op]loss) []loss {
	ls := make([]loss, 0, len(gone))
	for _, l := range gone {
		ls = append(ls, l)
	}
	slices.SortFunc(ls, func(a, b loss) int { return cmp.Compare(a.write.ret.Seq, b.write.ret.Seq) })
	return ls
}

func noLostWrites(r *run) sim.Verdict {
	v := sim.Verdict{Check: "no-lost-writes", OK: true}
	acked, finals := 0, r.number(sim.KindFinal, sim.Window{})
	for _, o := range r.ops() {
		if o.wrote() {
			acked++
		}
	}
	lost := r.lostWrites()
	switch {
	case len(lost) > 0:
		v.OK = false
		v.Why = fmt.Sprintf("%d of %s are gone%s; the first: %s", len(lost), number(acked, "acknowledged write"), cause(lost),
			lost[0].sentence())
		if len(lost) == 1 {
			v.Why = "an acknowledged write is gone: " + lost[0].sentence()
		}
	case acked == 0:
		v.Why = "no write was acknowledged, so none could be lost"
	case finals == 0:
		v.Why = fmt.Sprintf("no answer shows a loss among %s; the final state was not read",
			number(acked, "acknowledged write"))
	default:
		v.Why = fmt.Sprintf("each of the %s is in the final state or was overwritten by a later one",
			number(acked, "acknowledged write"))
		if acked == 1 {
			v.Why = "the acknowledged write is in the final state"
		}
	}
	for _, l := range lost {
		if len(v.Events) < maxEvents {
			v.Events = append(v.Events, l.write.call.Seq, l.write.ret.Seq, l.proof.Seq)
		}
		v.Members = appendMember(v.Members, l.write.ret.Member, l.proof.Member)
	}
	return v
}

// cause says which of the losses come from a new cluster.
func cause(lost []loss) string {
	n := 0
	for _, l := range lost {
		if l.proof.Kind == sim.KindNewCluster {
			n++
		}
	}
	all := fmt.Sprintf("%d of them", n)
	if n == len(lost) {
		all = "all of them"
	}
	if n > 0 {
		return ", " + all + " because the cluster was restored from a snapshot"
	}
	return ""
}

// newClusterWords says how a new cluster came about: "restored at 9.0 s from a snapshot of revision
// 348".
func newClusterWords(e *sim.Event) string {
	switch {
	case e.Member != 0:
		return fmt.Sprintf("started again at %s from one member's data", moment(e.At))
	case e.Count > 0:
		return fmt.Sprintf("restored at %s from a snapshot of revision %d, and raised to %d", moment(e.At), e.Old, e.Revision)
	}
	return fmt.Sprintf("restored at %s from a snapshot of revision %d", moment(e.At), e.Old)
}

// sentence says how the loss is known.
func (l loss) sentence() string {
	w := fmt.Sprintf("%s was acknowledged at %s with revision %d, but ", l.write.sentence(), moment(l.write.ret.At),
		l.write.ret.Revision)
	p := l.proof
	switch {
	case p.Kind == sim.KindNewCluster:
		return w + "the cluster was " + newClusterWords(p)
	case l.reuse && p.Kind == sim.KindFinal:
		return w + fmt.Sprintf("in the end that revision is a write of %s to %s", holds(p.Value), p.Key)
	case l.reuse:
		return w + fmt.Sprintf("at %s client %d's %s to %s got the same revision", moment(p.At), p.Client, p.Op, p.Key)
	case p.Kind == sim.KindFinal && p.Value == 0:
		return w + "in the end there is no " + p.Key
	case p.Kind == sim.KindFinal:
		return w + fmt.Sprintf("in the end %s holds %s of revision %d", p.Key, holds(p.Value), p.Revision)
	}
	return w + fmt.Sprintf("at %s client %d saw a state of revision %d without it", moment(p.At), p.Client, p.Revision)
}
