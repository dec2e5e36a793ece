package plan

import (
	"math"

	"quorumlab/sim"
)

// A member's raft loop does one thing at a time: while it waits for an fsync, what comes
// waits too, and then goes on together. So it is a queue with batches, and what comes at
// a random moment finds it busy for a share of the time and then waits for the rest of
// the fsync under way.

// busy is the share of time that a loop waits for its disk when perSecond things come at
// random moments, and an fsync takes all that has come. A busy time is a row of
// fsyncs, each but the first because something came during the one before; its mean
// number is 1/E[exp(-rate S)].
func busy(fsync dist, perSecond float64) float64 {
	if perSecond == 0 {
		return 0
	}
	perMilli := perSecond / 1e3
	none, before := 0.0, 0.0 // the chance that nothing comes during an fsync
	for i, c := range fsync.cum {
		none += (c - before) * math.Exp(-perMilli*float64(i)*fsync.step)
		before = c
	}
	row := fsync.mean() / max(none, 1e-12)
	return row / (row + 1/perMilli)
}

// rest is how long something waits that takes so long and is under way for a share of the
// time: nothing, or the rest of it.
func (d dist) rest(share float64) dist {
	mean := d.mean()
	out := dist{step: d.step, cum: make([]float64, len(d.cum))}
	if mean == 0 {
		share = 0
	}
	past := 0.0 // the mean of what is at most this long
	for i, c := range d.cum {
		out.cum[i] = 1 - share
		if share > 0 {
			out.cum[i] += share * min(1, past/mean)
		}
		past += (1 - c) * d.step
	}
	out.cum[len(out.cum)-1] = 1
	return out
}

// backendEvery is how often etcd commits its database while it changes, in milliseconds.
const backendEvery = 100

// applied is what an entry that is committed waits for until it is applied: etcd's
// database commits, of two fsyncs, every 100 ms, and meanwhile takes nothing.
func applied(fsync sim.Distribution, step, perSecond float64) dist {
	f := onGrid(fsync, step)
	commit := f.plus(f)
	if perSecond == 0 {
		return commit.rest(0)
	}
	cycle := max(backendEvery, 1e3/perSecond) + commit.mean()
	return commit.rest(commit.mean() / cycle)
}
