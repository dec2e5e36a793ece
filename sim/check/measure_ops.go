package check

import (
	"slices"
	"time"

	"quorumlab/internal/stats"
	"quorumlab/sim"
)

func init() {
	counted := func(name, about string, fits func(o *op) bool) {
		register(name, sim.Count, sim.OfOperations, about, func(r *run, w sim.Window) (float64, bool) {
			n := 0
			r.opsIn(w, func(o *op) {
				if fits(o) {
					n++
				}
			})
			return count(n)
		})
	}
	outcome := func(write bool, x sim.Outcome) func(o *op) bool {
		return func(o *op) bool { return o.call.Op.IsWrite() == write && o.outcome() == x }
	}
	counted("writes.ok", "writes that were acknowledged to their client", outcome(true, sim.OutcomeOK))
	counted("writes.failed", "writes that were refused and had no effect", outcome(true, sim.OutcomeFailed))
	counted("writes.unknown", "writes whose client does not know whether they took effect: a timeout or a lost connection",
		outcome(true, sim.OutcomeUnknown))
	counted("reads.ok", "gets that were answered", outcome(false, sim.OutcomeOK))
	counted("reads.failed", "gets that were not answered", func(o *op) bool {
		return !o.call.Op.IsWrite() &&
			!o.answered()
	})
	counted("cas.mismatch", "compare-and-swaps that found a value other than the expected one, and said so",
		func(o *op) bool { return o.outcome() == sim.OutcomeMismatch })
	counted("ops.ok", "operations that were answered: acknowledged writes, answered gets, and compare-and-swaps that "+
		"found another value", (*op).answered)
	counted("ops.failed", "operations that were not answered: failed or of unknown outcome",
		func(o *op) bool { return !o.answered() })

	register("availability", sim.Shares, sim.OfOperations, "the share of operations that were answered", availability)
	register("throughput", sim.PerSecond, sim.OfOperations,
		"answered operations a second, from the first call in the window to the last "+
			"return", throughput)

	for _, k := range []sim.OpKind{sim.OpPut, sim.OpGet, sim.OpCAS} {
		latencies(k)
	}
}

func availability(r *run, w sim.Window) (float64, bool) {
	all, ok := 0, 0
	r.opsIn(w, func(o *op) {
		all++
		if o.answered() {
			ok++
		}
	})
	return float64(ok) / float64(max(all, 1)), all > 0
}

func throughput(r *run, w sim.Window) (float64, bool) {
	first, last, ok := time.Duration(-1), time.Duration(0), 0
	r.opsIn(w, func(o *op) {
		if first < 0 {
			first = max(o.call.At, w.From) // calls come in order
		}
		last = max(last, r.counted(o))
		if o.answered() {
			ok++
		}
	})
	if first < 0 || last <= first {
		return 0, false
	}
	return float64(ok) / (last - first).Seconds(), true
}

// latencies registers the measures of how long answered operations of a kind took
// whose call and return both lie in the window. Quantiles are nearest-rank: the smallest measured
// value that at least that share of the operations does not exceed. So every
// quantile is a latency that some client had, and no float decides it.
func latencies(k sim.OpKind) {
	add := func(name, about string, of func(sorted []time.Duration) time.Duration) {
		full := "latency." + k.String() + "." + name
		register(full, sim.Millis, sim.OfInterval, about, func(r *run, w sim.Window) (float64, bool) {
			ds := r.latenciesIn(k, w)
			if len(ds) == 0 {
				return 0, false
			}
			return millis(of(ds))
		})
	}
	what := "answered " + map[sim.OpKind]string{sim.OpPut: "puts", sim.OpGet: "gets", sim.OpCAS: "compare-and-swaps"}[k]
	for _, q := range []struct {
		name  string
		share float64
	}{{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}} {
		add(q.name, "the time that "+q.name[1:]+"% of the "+what+" did not exceed (nearest rank)",
			func(ds []time.Duration) time.Duration { return stats.Quantile(ds, q.share) })
	}
	add("max", "the longest time that any of the "+what+" took",
		func(ds []time.Duration) time.Duration { return ds[len(ds)-1] })
	add("mean", "the mean time that the "+what+" took", mean)
	explain("latency."+k.String()+".max", func(r *run, w sim.Window) []uint64 { return r.slowest(k, w) })
}

// latencyKey names the latencies of a kind of operation in a window.
type latencyKey struct {
	kind   sim.OpKind
	window sim.Window
}

// latenciesIn are the latencies of the answered operations of a kind, sorted. The
// five measures of a kind share them.
func (r *run) latenciesIn(k sim.OpKind, w sim.Window) []time.Duration {
	key := latencyKey{k, w}
	ds, ok := r.latencies[key]
	if ok {
		return ds
	}
	r.opsIn(w, func(o *op) {
		if o.call.Op == k && o.answered() && o.lies(w) {
			ds = append(ds, o.latency())
		}
	})
	slices.Sort(ds)
	r.latencies[key] = ds
	return ds
}

// slowest is the call and return of the operation that took longest.
func (r *run) slowest(k sim.OpKind, w sim.Window) []uint64 {
	var worst *op
	r.opsIn(w, func(o *op) {
		if o.call.Op == k && o.answered() && o.lies(w) && (worst == nil || o.latency() > worst.latency()) {
			worst = o
		}
	})
	if worst == nil {
		return nil
	}
	return seqs(worst.call.Seq, worst.ret.Seq)
}

// mean rounds down to whole nanoseconds.
func mean(ds []time.Duration) time.Duration {
	var sum time.Duration
	for _, d := range ds {
		sum += d
	}
	return sum / time.Duration(len(ds))
}
