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
		Name:  "commit",
		Title: "How far each member knows the log to be committed",
		About: "The commit index of each member. Lines on top of each other: the members agree. " +
			"A flat line: this member, or the whole cluster, commits nothing. A gap: the member was down.",
		Order:  20,
		Points: commits,
	})
}

// commitPoints are the members' commit indexes over time.
type commitPoints struct {
	Members []string
	Lines   [][]commitStretch // by member
}

// commitStretch is a member's commit index over one life of its process. Its last
// point stands at the end of that life or of the run.
type commitStretch []commitPoint

// CommitPoint: from At on the commit index is Index.
type commitPoint struct {
	At    time.Duration
	Index uint64
}

// commitColumns bounds the points of a line: of those in one column of the
// picture only the last is kept.
const commitColumns = 400

func commits(r *Run) (Points, error) {
	if r.Lacks(sim.Kinds(sim.KindCommitted)) {
		return nil, chart.Nothing("the trace was kept without the commit index")
	}
	c := commitPoints{Members: r.Members, Lines: make([][]commitStretch, len(r.Members))}
	for e := range r.All(sim.Kinds(sim.KindStarted, sim.KindCrashed, sim.KindPanicked, sim.KindCommitted)) {
		if r.member(e.Member) {
			c.take(e, r.Span/commitColumns)
		}
	}
	some := false
	for m := range c.Lines {
		c.end(m, r.Span)
		c.Lines[m] = slices.DeleteFunc(c.Lines[m], func(s commitStretch) bool { return len(s) == 0 })
		some = some || len(c.Lines[m]) > 0
	}
	if !some {
		return nil, chart.Nothing("no member committed anything")
	}
	return c, nil
}

func (c *commitPoints) take(e *sim.Event, column time.Duration) {
	line := &c.Lines[e.Member-1]
	switch e.Kind {
	case sim.KindStarted, sim.KindCrashed, sim.KindPanicked:
		c.end(int(e.Member-1), e.At)
	case sim.KindCommitted:
		if len(*line) == 0 {
			*line = append(*line, nil)
		}
		(*line)[len(*line)-1].add(commitPoint{e.At, e.Index}, column)
	}
}

// add takes the next point, in place of the one before if they share a column.
func (s *commitStretch) add(p commitPoint, column time.Duration) {
	if n := len(*s); n > 1 && column > 0 && (*s)[n-1].At/column == p.At/column {
		(*s)[n-1] = p
		return
	}
	*s = append(*s, p)
}

// end closes the stretch that is open for a member and opens the next.
func (c *commitPoints) end(m int, at time.Duration) {
	line := &c.Lines[m]
	n := len(*line) - 1
	if n < 0 || len((*line)[n]) == 0 {
		return
	}
	s := &(*line)[n]
	if last := (*s)[len(*s)-1]; last.At < at {
		*s = append(*s, commitPoint{at, last.Index})
	}
	*line = append(*line, nil)
}

func (c commitPoints) ink(s *chart.Sheet) {
	p := s.NewTimePlot(0, s.Span)
	p.Y.Min, p.Y.Max = 0, float64(max(c.highest(), 1))*1.04
	p.YLabel = "commit index (entries)"
	p.Y.Tick.Marker = chart.RoundTicks{Most: 7, Whole: true}
	p.Add(chart.Horizontals(p.Plot))
	var keys []chart.Key
	for m, stretches := range c.Lines {
		style := chart.MemberLine(m, len(c.Lines))
		keys = append(keys, chart.LineKey(chart.Printable(c.Members[m]), style))
		p.Add(chart.InkFunc(func(dc draw.Canvas, at func(x, y float64) vg.Point) {
			var path vg.Path
			for _, st := range stretches {
				path = stairs(path, len(st), func(i int) vg.Point { return at(p.At(st[i].At), float64(st[i].Index)) })
			}
			chart.Stroke(dc, style, path)
		}))
	}
	s.DrawTimePlot(p, mostKeys(keys)...)
}

func (c commitPoints) highest() (top uint64) {
	for _, stretches := range c.Lines {
		for _, s := range stretches {
			for _, p := range s {
				top = max(top, p.Index)
			}
		}
	}
	return top
}

// stairs adds a line that keeps each value until the next.
func stairs(p vg.Path, n int, at func(i int) vg.Point) vg.Path {
	for i := range n {
		next := at(i)
		if i == 0 {
			p.Move(next)
			continue
		}
		if y := p[len(p)-1].Pos.Y; y != next.Y {
			p.Line(vg.Point{X: next.X, Y: y})
		}
		p.Line(next)
	}
	return p
}

// mostKeys cuts a legend short that would take a picture's place.
func mostKeys(keys []chart.Key) []chart.Key {
	const most = 14
	if len(keys) <= most {
		return keys
	}
	rest := chart.Key{Label: fmt.Sprintf("and %d more", len(keys)-most), Swatch: func(vg.Canvas, vg.Rectangle) {}}
	return append(keys[:most:most], rest)
}
