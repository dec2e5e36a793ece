package sim

import (
	"cmp"
	"slices"
	"time"
)

// Recording is how long something took on one machine, and when: the fsyncs of some members, say,
// each member in a lane of its own. Replayed, it keeps what independent draws would lose: a disk
// that members share stalls for all of them at the same moment, so that no quorum of faster
// members makes up for it. The zero value is no recording.
type Recording struct {
	lanes [][]Took
	span  time.Duration
	times Times
}

// Took is one thing that was done, counted from the start of its recording.
type Took struct {
	Begin time.Duration
	For   time.Duration
}

// NewRecording makes a recording of a span of time from what was done in each lane. Lanes in which
// nothing was done are left out.
func NewRecording(span time.Duration, lanes ...[]Took) Recording {
	r := Recording{span: max(span, 1)}
	var all []time.Duration
	for _, lane := range lanes {
		if len(lane) == 0 {
			continue
		}
		lane = slices.Clone(lane)
		slices.SortFunc(lane, func(a, b Took) int { return cmp.Or(cmp.Compare(a.Begin, b.Begin), cmp.Compare(a.For, b.For)) })
		r.lanes = append(r.lanes, lane)
		for _, t := range lane {
			all = append(all, t.For)
		}
	}
	r.times = TimesOf(all)
	return r
}

// IsZero reports whether there is nothing in it.
func (r Recording) IsZero() bool { return len(r.lanes) == 0 }

// Span is the length of the recording, after which it starts over.
func (r Recording) Span() time.Duration { return r.span }

// At is how long something takes that begins at a time, 0 or later: as long as what began closest to it
// in that lane. Lane numbers, from 0, start over after the last one, too. 0 when there is no recording.
func (r Recording) At(lane int, at time.Duration) time.Duration {
	if r.IsZero() {
		return 0
	}
	ts := r.lanes[lane%len(r.lanes)]
	at %= r.span
	i, _ := slices.BinarySearchFunc(ts, at, func(t Took, at time.Duration) int { return cmp.Compare(t.Begin, at) })
	if i == len(ts) || i > 0 && at-ts[i-1].Begin <= ts[i].Begin-at {
		i--
	}
	return ts[i].For
}

// Map returns the recording with each time changed by f.
func (r Recording) Map(f func(time.Duration) time.Duration) Recording {
	lanes := make([][]Took, len(r.lanes))
	for i, lane := range r.lanes {
		lanes[i] = slices.Clone(lane)
		for j := range lanes[i] {
			lanes[i][j].For = f(lanes[i][j].For)
		}
	}
	return NewRecording(r.span, lanes...)
}

// Quantile is the nearest-rank quantile over all lanes, 0 < p <= 1.
func (r Recording) Quantile(p float64) time.Duration { return r.times.Quantile(p) }

// String shows three quantiles.
func (r Recording) String() string { return r.times.String() }
