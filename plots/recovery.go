package plots

import (
	"fmt"
	"slices"
	"time"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"quorumlab/plots/chart"
	"quorumlab/sim"
)

func init() {
	register(Figure{
		Name:  "recovery",
		Title: "The store's revision, and what watches wait for",
		About: "The highest revision in any answer; a new cluster begins a new line, at the revision of its snapshot. " +
			"A watch waits for the revision after the last one it saw: where its line is above the store's, it is silent. " +
			"A restore that raises the revision is drawn just above the earlier lines, labeled with its true revision.",
		Order:  57,
		Points: recovery,
	})
}

// recoveryPoints are the store's revisions over time, and the positions of watches.
type recoveryPoints struct {
	Store   []revisionLine // one for each cluster
	Watches []watchLine
	Saved   []revisionPoint // snapshots
}

// revisionLine is the store of one cluster. What it draws at a height has that revision and Shift
// more.
type revisionLine struct {
	Shift  uint64
	Raised bool // by the restore that it begins with
	Points []revisionPoint
}

// RevisionPoint: from At on it was Revision, less the shift.
type revisionPoint struct {
	At       time.Duration
	Revision uint64
}

// watchLine is the revision that a watch waits for. Told: its end is that the server said that it is
// compacted.
type watchLine struct {
	Key    string
	Points []revisionPoint
	Told   bool
}

// revisionColumns bounds the points of a line: of those in one column of the picture only the last is
// kept.
const revisionColumns = 400

func recovery(r *Run) (Points, error) {
	f := recoveryFold{column: r.Span / revisionColumns, watches: map[uint64]int{}}
	f.Store = []revisionLine{{}}
	for i := range r.Events {
		f.take(&r.Events[i])
	}
	if len(f.Store) < 2 && len(f.Watches) == 0 && len(f.Saved) == 0 {
		return nil, chart.Nothing("there was no snapshot, restore or watch")
	}
	if f.highest() == 0 {
		return nil, chart.Nothing("no answer had a revision")
	}
	f.end(r.Span)
	return f.recoveryPoints, nil
}

type recoveryFold struct {
	recoveryPoints
	column  time.Duration
	watches map[uint64]int // a watch's place from 1, while it lasts
}

func (f *recoveryFold) take(e *sim.Event) {
	now := &f.Store[len(f.Store)-1]
	switch e.Kind {
	case sim.KindReturn:
		told := e.Revision > 0 && (e.Result == sim.OutcomeOK || e.Result == sim.OutcomeMismatch)
		if n := len(now.Points); told && e.Revision >= now.Shift && (n == 0 ||
			e.Revision-now.Shift > now.Points[n-1].Revision) {
			now.Points = addPoint(now.Points, revisionPoint{e.At, e.Revision - now.Shift}, f.column)
		}
	case sim.KindSnapshotSaved:
		if e.Revision >= now.Shift {
			f.Saved = append(f.Saved, revisionPoint{e.At, e.Revision - now.Shift})
		}
	case sim.KindNewCluster:
		f.newCluster(e)
	case sim.KindWatchBegun:
		f.Watches = append(f.Watches, watchLine{Key: e.Key})
		f.watches[e.ID] = len(f.Watches)
		f.wait(e, e.Revision)
	case sim.KindWatchEvent:
		f.wait(e, e.Revision+1)
	case sim.KindWatchEnded:
		if at := f.watches[e.ID]; at > 0 {
			f.Watches[at-1].Told = e.Result == sim.OutcomeFailed
			f.Watches[at-1].until(e.At)
			delete(f.watches, e.ID)
		}
	}
}

// newCluster begins a line. One whose revision was raised beyond everything before is drawn a little
// above it.
func (f *recoveryFold) newCluster(e *sim.Event) {
	last := &f.Store[len(f.Store)-1]
	last.until(e.At)
	next := revisionLine{Shift: last.Shift}
	if top := f.highest(); e.Count > 0 && e.Revision > top+top/8 {
		next.Raised, next.Shift = true, e.Revision-top-top/8
	}
	if e.Revision > next.Shift {
		next.Points = []revisionPoint{{e.At, e.Revision - next.Shift}}
	} else if e.Member == 0 {
		next.Shift = 0 // it goes back to before an earlier one was raised
		next.Points = []revisionPoint{{e.At, e.Revision}}
	}
	f.Store = append(f.Store, next)
}

// wait moves a watch to the revision that it waits for. A watch of before a raised revision has not
// got there.
func (f *recoveryFold) wait(e *sim.Event, revision uint64) {
	at := f.watches[e.ID]
	if at == 0 {
		return
	}
	if shift := f.Store[len(f.Store)-1].Shift; revision >= shift {
		revision -= shift
	}
	w := &f.Watches[at-1]
	w.Points = addPoint(w.Points, revisionPoint{e.At, revision}, f.column)
}

func addPoint(ps []revisionPoint, p revisionPoint, column time.Duration) []revisionPoint {
	if n := len(ps); n > 1 && column > 0 && ps[n-1].At/column == p.At/column {
		ps[n-1] = p
		return ps
	}
	return append(ps, p)
}

// until draws a line on to a moment.
func until(ps []revisionPoint, at time.Duration) []revisionPoint {
	if n := len(ps); n > 0 && ps[n-1].At < at {
		return append(ps, revisionPoint{at, ps[n-1].Revision})
	}
	return ps
}

func (l *revisionLine) until(at time.Duration) { l.Points = until(l.Points, at) }
func (w *watchLine) until(at time.Duration)    { w.Points = until(w.Points, at) }

func (f *recoveryFold) end(at time.Duration) {
	f.Store[len(f.Store)-1].until(at)
	for _, place := range f.watches {
		f.Watches[place-1].until(at)
	}
}

func (p recoveryPoints) highest() (top uint64) {
	take := func(ps []revisionPoint) {
		for _, x := range ps {
			top = max(top, x.Revision)
		}
	}
	for _, l := range p.Store {
		take(l.Points)
	}
	for _, w := range p.Watches {
		take(w.Points)
	}
	return top
}

// The looks of the lines; a second watched key has other dashes.
var (
	storeStyle = chart.Pen(4*chart.Px, chart.Blue)
	watchTold  = chart.Marker{Shape: chart.Cross, Size: 6 * chart.Px, Color: chart.Vermillion}
	savedMark  = chart.Marker{Shape: chart.Triangle, Size: 7 * chart.Px, Color: chart.Green}
)

func watchStyle(i int) draw.LineStyle {
	dashes := [][]vg.Length{{9 * chart.Px, 5 * chart.Px}, {3 * chart.Px, 4 * chart.Px},
		{14 * chart.Px, 5 * chart.Px, 3 * chart.Px, 5 * chart.Px}}
	return chart.Pen(chart.ThickLine, chart.Vermillion, dashes[i%len(dashes)]...)
}

func (p recoveryPoints) ink(s *chart.Sheet) {
	t := s.NewTimePlot(0, s.Span)
	t.Y.Min, t.Y.Max = 0, float64(max(p.highest(), 1))*1.08
	t.YLabel = "revision"
	t.Y.Tick.Marker = chart.RoundTicks{Most: 7, Whole: true}
	t.Add(chart.Horizontals(t.Plot))
	keys := []chart.Key{chart.LineKey("the store", storeStyle)}
	t.Add(chart.InkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
		var path vg.Path
		for _, l := range p.Store {
			path = stairs(path, len(l.Points), func(i int) vg.Point {
				return at(t.At(l.Points[i].At),
					float64(l.Points[i].Revision))
			})
		}
		chart.Stroke(c, storeStyle, path)
	}))
	var watched []string
	for _, w := range p.Watches {
		i := slices.Index(watched, w.Key)
		if i < 0 {
			i, watched = len(watched), append(watched, w.Key)
			keys = append(keys, chart.LineKey("what the watch of "+chart.Printable(w.Key)+" waits for", watchStyle(i)))
		}
		t.Add(chart.InkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) { w.draw(c, t, at, watchStyle(i)) }))
	}
	if len(p.Saved) > 0 {
		keys = append(keys, chart.MarkKey("snapshot saved", savedMark))
	}
	if p.told() {
		keys = append(keys, chart.MarkKey("ended: compacted", watchTold))
	}
	t.Add(chart.InkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) { p.inkMarks(c, t, at) }))
	s.DrawTimePlot(t, mostKeys(keys)...)
}

func (p recoveryPoints) told() bool {
	for _, w := range p.Watches {
		if w.Told {
			return true
		}
	}
	return false
}

func (w watchLine) draw(c draw.Canvas, t *chart.TimePlot, at func(x, y float64) vg.Point, style draw.LineStyle) {
	n := len(w.Points)
	if n == 0 {
		return
	}
	place := func(i int) vg.Point { return at(t.At(w.Points[i].At), float64(w.Points[i].Revision)) }
	chart.Stroke(c, style, stairs(nil, n, place))
	if w.Told {
		watchTold.Draw(c, []vg.Point{place(n - 1)})
	}
}

// inkMarks draws the snapshots, and writes the true revision where a line is drawn lower.
func (p recoveryPoints) inkMarks(c draw.Canvas, t *chart.TimePlot, at func(x, y float64) vg.Point) {
	var saved []vg.Point
	for _, x := range p.Saved {
		saved = append(saved, at(t.At(x.At), float64(x.Revision)))
	}
	savedMark.Draw(c, saved)
	style := chart.Bold(chart.Letters(chart.SmallSize, chart.Ink))
	for _, l := range p.Store {
		if l.Raised && len(l.Points) > 0 {
			first := l.Points[0]
			text := fmt.Sprintf("raised to %s", chart.Grouped(float64(first.Revision+l.Shift), 0))
			style.XAlign = draw.XRight
			c.FillText(style, at(t.At(first.At), float64(first.Revision)).Add(vg.Point{X: -8 * chart.Px, Y: 4 * chart.Px}), text)
		}
	}
}
