package monitor

import (
	"context"
	"maps"
	"math"
	"slices"
	"sort"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/util/annotations"
)

// store keeps the samples of some metrics for as long as they are needed. It is a
// storage.Queryable. Not safe for concurrent use.
type store struct {
	keep   map[string]time.Duration // how long, by metric; the others are not kept
	series map[string][]*series     // by metric
}

// series is one series and its samples in order of time.
type series struct {
	labels labels.Labels
	points points
}

func newStore(keep map[string]time.Duration) *store {
	return &store{keep: keep, series: map[string][]*series{}}
}

// keeps reports whether samples of a metric are kept.
func (s *store) keeps(metric string) bool {
	_, ok := s.keep[metric]
	return ok
}

// add appends a sample, unless the series has one of that moment or later.
func (s *store) add(to *series, at time.Duration, v float64) {
	t := at.Milliseconds()
	if n := len(to.points); n > 0 && to.points[n-1].t >= t {
		return
	}
	name := to.labels.Get(model.MetricNameLabel)
	if len(to.points) == 0 && !slices.Contains(s.series[name], to) {
		s.series[name] = append(s.series[name], to)
	}
	to.points = append(to.points, point{t, v})
}

// end marks the end of a series, so that no expression finds its last sample any longer.
func (s *store) end(of *series, at time.Duration) {
	if n := len(of.points); n > 0 && !value.IsStaleNaN(of.points[n-1].v) {
		s.add(of, at, math.Float64frombits(value.StaleNaN))
	}
}

// forget drops the samples that no expression reaches any longer, and series without any.
func (s *store) forget(now time.Duration) {
	for name, all := range s.series {
		oldest := (now - s.keep[name]).Milliseconds()
		for _, x := range all {
			x.points = x.points.from(oldest)
		}
		s.series[name] = slices.DeleteFunc(all, func(x *series) bool { return len(x.points) == 0 })
	}
}

// Querier implements storage.Queryable.
func (s *store) Querier(mint, maxt int64) (storage.Querier, error) {
	return querier{s, mint, maxt}, nil
}

// querier sees the samples of a stretch of time, both ends included.
type querier struct {
	store      *store
	mint, maxt int64
}

// Select implements storage.Querier.
func (q querier) Select(_ context.Context, sorted bool, _ *storage.SelectHints,
	ms ...*labels.Matcher) storage.SeriesSet {
	found := &seriesSet{at: -1}
	for _, x := range q.candidates(ms) {
		p := x.points.from(q.mint).to(q.maxt)
		if len(p) > 0 && matches(x.labels, ms) {
			found.list = append(found.list, view{x.labels, p})
		}
	}
	if sorted {
		slices.SortFunc(found.list, func(a, b view) int { return labels.Compare(a.labels, b.labels) })
	}
	return found
}

// candidates are the series of the metric that the matchers name, or all.
func (q querier) candidates(ms []*labels.Matcher) (all []*series) {
	for _, m := range ms {
		if m.Name == model.MetricNameLabel && m.Type == labels.MatchEqual {
			return q.store.series[m.Value]
		}
	}
	for _, name := range slices.Sorted(maps.Keys(q.store.series)) {
		all = append(all, q.store.series[name]...)
	}
	return all
}

func matches(ls labels.Labels, ms []*labels.Matcher) bool {
	for _, m := range ms {
		if !m.Matches(ls.Get(m.Name)) {
			return false
		}
	}
	return true
}

// LabelValues implements storage.Querier; no expression asks for it.
func (querier) LabelValues(context.Context, string, *storage.LabelHints,
	...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

// LabelNames implements storage.Querier; no expression asks for it.
func (querier) LabelNames(context.Context, *storage.LabelHints,
	...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

// Close implements storage.Querier.
func (querier) Close() error { return nil }

// seriesSet is what a Select found.
type seriesSet struct {
	list []view
	at   int
}

func (s *seriesSet) Next() bool                      { s.at++; return s.at < len(s.list) }
func (s *seriesSet) At() storage.Series              { return s.list[s.at] }
func (*seriesSet) Err() error                        { return nil }
func (*seriesSet) Warnings() annotations.Annotations { return nil }

// view is the part of a series that a query sees.
type view struct {
	labels labels.Labels
	points points
}

func (v view) Labels() labels.Labels { return v.labels }

func (v view) Iterator(chunkenc.Iterator) chunkenc.Iterator {
	return storage.NewListSeriesIterator(v.points)
}

// points are samples in order of time.
type points []point

func (p points) from(t int64) points {
	return p[sort.Search(len(p), func(i int) bool { return p[i].t >= t }):]
}
func (p points) to(t int64) points {
	return p[:sort.Search(len(p), func(i int) bool { return p[i].t > t })]
}

// Get implements storage.Samples.
func (p points) Get(i int) chunks.Sample { return p[i] }

// Len implements storage.Samples.
func (p points) Len() int { return len(p) }

// point is a sample: milliseconds since the start of the run, and a value. It is a
// chunks.Sample.
type point struct {
	t int64
	v float64
}

func (p point) T() int64                    { return p.t }
func (p point) F() float64                  { return p.v }
func (point) ST() int64                     { return 0 }
func (point) H() *histogram.Histogram       { return nil }
func (point) FH() *histogram.FloatHistogram { return nil }
func (point) Type() chunkenc.ValueType      { return chunkenc.ValFloat }
func (p point) Copy() chunks.Sample         { return p }
