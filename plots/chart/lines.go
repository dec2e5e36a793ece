package chart

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Lines is a panel of lines over two axes of numbers.
type Lines struct {
	Title  string
	X, Y   Axis
	Series []Series
	// Across are horizontal lines: a goal, a quota. Moments are vertical ones.
	Across, Moments []Reference
}

// Series is one line.
type Series struct {
	Name   string
	Points []XY // in order of X
	Steps  bool // the value stays until the next point
	Marks  bool // a mark at each point
	Bare   bool // marks alone, no line
	// Expected lines are what theory or a model says: thin, dashed and below the others.
	Expected bool
}

// XY is a point of a line.
type XY struct{ X, Y float64 }

// Reference is a line across a panel, with its name.
type Reference struct {
	Name string
	At   float64
}

// Distribution is the line of an empirical distribution: for each value the share of the
// values that are not above it. The panel's Y is an Axis with Percent.
func Distribution(name string, values []float64) Series {
	sorted := slices.Sorted(slices.Values(values))
	s := Series{Name: name, Steps: true}
	for i, v := range sorted {
		if i+1 < len(sorted) && sorted[i+1] == v {
			continue
		}
		s.Points = append(s.Points, XY{v, float64(i+1) / float64(len(sorted))})
	}
	if len(s.Points) > 0 {
		s.Points = slices.Insert(s.Points, 0, XY{s.Points[0].X, 0})
	}
	return s
}

func (l Lines) check() error {
	n := 0
	for _, s := range l.Series {
		for _, d := range s.Points {
			n++
			if !finite(d.X) || !finite(d.Y) || l.X.Log && d.X <= 0 || l.Y.Log && d.Y <= 0 {
				return fmt.Errorf("the line %q has the point (%v, %v), which the axes can't show", s.Name, d.X, d.Y)
			}
		}
	}
	if n == 0 {
		return Nothing("no line has any points")
	}
	return nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

func (l Lines) keys() (keys []Key) {
	for i, s := range l.Series {
		if s.Name == "" {
			continue
		}
		if s.Bare {
			keys = append(keys, MarkKey(s.Name, seriesMark(i)))
			continue
		}
		keys = append(keys, LineKey(s.Name, s.style(i)))
	}
	return keys
}

// style tells lines apart by colour and by dashes.
func (s Series) style(i int) draw.LineStyle {
	colour := MemberColours[i%len(MemberColours)]
	if s.Expected {
		return Pen(ThinLine, Muted, 3*Px, 4*Px)
	}
	dashes := [][]vg.Length{nil, {12 * Px, 4 * Px}, {3 * Px, 4 * Px}, {12 * Px, 4 * Px, 3 * Px, 4 * Px}}
	return Pen(ThickLine, colour, dashes[i%len(dashes)]...)
}

func seriesMark(i int) Marker {
	return Marker{Shape(i % 3), 5 * Px, MemberColours[i%len(MemberColours)]}
}

// bounds are the axis's own, or a little air around the data.
func (a Axis) bounds(values []float64) (lo, hi float64) {
	if a.Min != a.Max {
		return a.Min, a.Max
	}
	if a.Percent {
		return 0, 1
	}
	lo, hi = slices.Min(values), slices.Max(values)
	if a.Log {
		return lo / 1.3, hi * 1.3
	}
	if lo > 0 && lo < hi/2 {
		lo = 0
	}
	air := (hi - lo) * 0.05
	if air == 0 {
		air = max(math.Abs(hi)*0.1, 1)
	}
	if lo != 0 {
		lo -= air
	}
	return lo, hi + air
}

// ticks are the axis's, about as many as fit.
func (a Axis) ticks(most int) plot.Ticker {
	switch {
	case a.Log:
		return LogTicks{most: 2 * most}
	case a.Percent:
		return ShareTicks{}
	}
	return RoundTicks{Most: most, Whole: a.Whole}
}

func (l Lines) inkPanel(s *Sheet, area vg.Rectangle) {
	area = s.panelTitle(l.Title, area)
	p := NewPlot()
	var xs, ys []float64
	for _, line := range l.Series {
		for _, d := range line.Points {
			xs, ys = append(xs, d.X), append(ys, d.Y)
		}
	}
	for _, r := range l.Across {
		ys = append(ys, r.At)
	}
	for _, r := range l.Moments {
		xs = append(xs, r.At)
	}
	p.X.Min, p.X.Max = l.X.bounds(xs)
	p.Y.Min, p.Y.Max = l.Y.bounds(ys)
	p.X.Label.Text = l.X.Label
	p.X.Tick.Marker, p.Y.Tick.Marker = l.X.ticks(max(3, int(area.Size().X/(110*Px)))), l.Y.ticks(8)
	if l.X.Log {
		p.X.Scale = plot.LogScale{}
	}
	if l.Y.Log {
		p.Y.Scale = plot.LogScale{}
	}
	p.Add(Horizontals(p), Verticals(p))
	l.addReferences(p)
	for _, expected := range []bool{true, false} {
		for i, line := range l.Series {
			if line.Expected == expected {
				p.Add(line.plotter(i))
			}
		}
	}
	c := s.areaCanvas(area)
	c.Min.X += panelLabel
	c.Max.X -= 12 * Px
	data := p.DataCanvas(c)
	p.Draw(c)
	s.alongside(l.Y.Label, area, data)
}

// plotter draws a line and its marks.
func (s Series) plotter(i int) plot.Plotter {
	return InkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
		var path vg.Path
		var ps []vg.Point
		for k, d := range s.Points {
			p := at(d.X, d.Y)
			ps = append(ps, p)
			switch {
			case k == 0:
				path.Move(p)
				continue
			case s.Steps:
				path.Line(at(d.X, s.Points[k-1].Y))
			}
			path.Line(p)
		}
		if !s.Bare {
			Stroke(c, s.style(i), path)
		}
		if s.Marks || s.Bare {
			seriesMark(i).Draw(c, ps)
		}
	})
}

// addReferences draws the lines across, each with its name beside it.
func (l Lines) addReferences(p *plot.Plot) {
	style := Letters(SmallSize, Ink)
	dashed := Pen(2*Px, Ink, 7*Px, 5*Px)
	for _, r := range l.Across {
		p.Add(InkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
			y := at(p.X.Min, r.At).Y
			Stroke(c, dashed, Segment(nil, vg.Point{X: c.Min.X, Y: y}, vg.Point{X: c.Max.X, Y: y}))
			c.FillText(style, vg.Point{X: c.Min.X + 6*Px, Y: y + SmallSize*0.85}, Fit(r.Name, style, c.Size().X-12*Px))
		}))
	}
	for i, r := range l.Moments {
		p.Add(InkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
			x := at(r.At, p.Y.Min).X
			Stroke(c, Pen(ThinLine, Muted, 3*Px, 4*Px), Segment(nil, vg.Point{X: x, Y: c.Min.Y}, vg.Point{X: x, Y: c.Max.Y}))
			// Names of neighbours are written at other heights.
			y := c.Max.Y - SmallSize*(0.7+1.2*vg.Length(i%4))
			room := style
			left := x + 4*Px
			if w := style.Width(r.Name); left+w > c.Max.X {
				left = x - 4*Px - w
			}
			c.FillText(room, vg.Point{X: left, Y: y}, r.Name)
		}))
	}
}
