package plans

import (
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"quorumlab/plots/chart"
)

// panelPoints are curves in panels below each other: most of what a plan shows.
type panelPoints struct {
	Title  string
	Panels []panel
}

// panel is a pair of axes.
type panel struct {
	X, Y   axis
	Curves []curve
	Marks  []spot // places that stand out
	Levels []spot // horizontal lines at Y
	Empty  string // stands in the middle where no curve has anything to show
}

// axis is an axis. A logarithmic one leaves out what is 0.
type axis struct {
	Label string
	Log   bool
	Ticks []plot.Tick // of a logarithmic axis; nil: powers of ten
	Whole bool        // counts
	Lo    float64     // above 0: where a logarithmic axis begins, whatever the values
}

// curve is a line through points.
type curve struct {
	Name   string
	Colour int  // place in memberColours
	Second bool // of the second plan
	Dots   bool // each point is one by itself
	Xs, Ys []float64
}

// spot is a place with a name.
type spot struct {
	Name   string
	Second bool
	X, Y   float64
}

func (p panelPoints) title() string { return p.Title }

// join puts the second plan's curves into the first's panels, dashed.
func (p panelPoints) join(names [2]string, other PlanPoints) PlanPoints {
	out := panelPoints{Title: p.Title}
	for i, a := range p.Panels {
		b := other.(panelPoints).Panels[i]
		q := a
		q.Curves, q.Marks, q.Levels = nil, nil, nil
		for _, c := range a.Curves {
			c.Name += " (" + names[0] + ")"
			q.Curves = append(q.Curves, c)
		}
		for _, c := range b.Curves {
			c.Name += " (" + names[1] + ")"
			c.Second = true
			q.Curves = append(q.Curves, c)
		}
		second := func(ms []spot) (out []spot) {
			for _, m := range ms {
				m.Second = true
				out = append(out, m)
			}
			return out
		}
		q.Marks = slices.Concat(a.Marks, second(b.Marks))
		q.Levels = a.Levels
		if !slices.Equal(a.Levels, b.Levels) {
			q.Levels = slices.Concat(a.Levels, second(b.Levels))
		}
		out.Panels = append(out.Panels, q)
	}
	return out
}

// style is how a curve is drawn.
func (c curve) style() draw.LineStyle {
	if c.Second {
		return chart.Pen(chart.ThickLine, chart.MemberColours[c.Colour], 10*chart.Px, 6*chart.Px)
	}
	return chart.Pen(chart.ThickLine, chart.MemberColours[c.Colour])
}

func (c curve) mark() chart.Marker {
	if c.Second {
		return chart.Marker{Shape: chart.Triangle, Size: 7 * chart.Px, Color: chart.MemberColours[c.Colour]}
	}
	return chart.Marker{Shape: chart.Square, Size: 4 * chart.Px, Color: chart.MemberColours[c.Colour]}
}

func (p panelPoints) ink(s *chart.Sheet) {
	s.Legend(p.keys()...)
	height := s.Space.Size().Y / vg.Length(len(p.Panels))
	for i, q := range p.Panels {
		part := *s
		part.Space.Max.Y -= height * vg.Length(i)
		part.Space.Min.Y = part.Space.Max.Y - height + 8*chart.Px
		q.ink(&part)
	}
}

// keys explain each curve once, however many panels it is in.
func (p panelPoints) keys() (keys []chart.Key) {
	for _, q := range p.Panels {
		for _, c := range q.Curves {
			k := chart.LineKey(chart.Printable(c.Name), c.style())
			if c.Dots {
				k = chart.MarkKey(chart.Printable(c.Name), c.mark())
			}
			keys = append(keys, k)
		}
	}
	return chart.Once(keys)
}

func (q panel) ink(s *chart.Sheet) {
	p := chart.NewPlot()
	p.X.Label.Text = q.X.Label
	xs, ys := q.extents()
	q.X.set(&p.X, xs)
	q.Y.set(&p.Y, ys)
	p.Add(chart.Horizontals(p), chart.Verticals(p))
	p.Add(chart.InkFunc(q.inkLevels))
	for _, curve := range q.Curves {
		p.Add(chart.InkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) { q.inkCurve(c, at, curve) }))
	}
	p.Add(chart.InkFunc(q.inkMarks))
	if ys[0] > ys[1] {
		p.Add(chart.InkFunc(func(c draw.Canvas, _ func(x, y float64) vg.Point) {
			c.FillText(chart.Centred(chart.Letters(chart.TextSize, chart.Muted)), c.Center(), q.Empty)
		}))
	}
	c := s.Frame(p)
	data := p.DataCanvas(c)
	p.Draw(c)
	s.LabelY(q.Y.Label, data)
}

// shown reports whether an axis has the value.
func (a axis) shown(v float64) bool { return !a.Log || v > 0 && v >= a.Lo }

// extents are the least and the most value on each axis.
func (q panel) extents() (xs, ys [2]float64) {
	xs, ys = [2]float64{math.Inf(1), math.Inf(-1)}, [2]float64{math.Inf(1), math.Inf(-1)}
	take := func(e *[2]float64, v float64) { e[0], e[1] = min(e[0], v), max(e[1], v) }
	for _, c := range q.Curves {
		for i, y := range c.Ys {
			if q.X.shown(c.Xs[i]) {
				take(&xs, c.Xs[i])
			}
			if q.Y.shown(y) {
				take(&ys, y)
			}
		}
	}
	for _, m := range q.Levels {
		if q.Y.shown(m.Y) {
			take(&ys, m.Y)
		}
	}
	return xs, ys
}

// set sets an axis up for values from lo to hi.
func (a axis) set(axis *plot.Axis, e [2]float64) {
	lo, hi := e[0], e[1]
	if lo > hi { // there is nothing
		lo, hi = 1, 10
	}
	if a.Lo > 0 {
		lo, hi = a.Lo, max(hi, 1000*a.Lo)
	}
	if a.Log {
		axis.Scale, axis.Tick.Marker = plot.LogScale{}, chart.LogTicks{}
		if a.Ticks != nil {
			axis.Tick.Marker = onlyWithin(a.Ticks)
		} else if hi > 1000*lo {
			axis.Tick.Marker = tens{}
		}
		axis.Min, axis.Max = lo/1.15, hi*1.3
		return
	}
	axis.Min, axis.Max = min(0, lo), hi*1.06
	if a.Whole {
		axis.Min, axis.Max = lo-0.4, hi+0.4
	}
	if axis.Max <= axis.Min {
		axis.Max = axis.Min + 1
	}
	axis.Tick.Marker = chart.RoundTicks{Most: 10, Whole: a.Whole}
}

func (q panel) inkCurve(c draw.Canvas, at func(x, y float64) vg.Point, curve curve) {
	var path vg.Path
	var dots []vg.Point
	drawing := false
	for i, y := range curve.Ys {
		if !q.X.shown(curve.Xs[i]) || !q.Y.shown(y) {
			drawing = false
			continue
		}
		pt := at(curve.Xs[i], y)
		dots = append(dots, pt)
		if drawing {
			path.Line(pt)
		} else {
			path.Move(pt)
		}
		drawing = true
	}
	if curve.Dots {
		curve.mark().Draw(c, dots)
		return
	}
	chart.Stroke(c, curve.style(), path)
}

// inkLevels draws the horizontal lines, with their names at the left end.
func (q panel) inkLevels(c draw.Canvas, at func(x, y float64) vg.Point) {
	for _, m := range q.Levels {
		if !q.Y.shown(m.Y) {
			continue
		}
		y := at(1, m.Y).Y
		chart.Stroke(c, chart.Pen(2*chart.Px, chart.Ink, 3*chart.Px, 4*chart.Px),
			chart.Segment(nil, vg.Point{X: c.Min.X, Y: y}, vg.Point{X: c.Max.X, Y: y}))
		style := chart.Letters(chart.SmallSize, chart.Ink)
		c.FillText(style, vg.Point{X: c.Min.X + 8*chart.Px, Y: y + chart.SmallSize*0.7}, m.Name)
	}
}

// inkMarks draws the places that stand out, with their names beside them.
func (q panel) inkMarks(c draw.Canvas, at func(x, y float64) vg.Point) {
	for _, m := range q.Marks {
		if !q.X.shown(m.X) || !q.Y.shown(m.Y) {
			continue
		}
		pt := at(m.X, m.Y)
		shape := chart.Marker{Shape: chart.Cross, Size: 8 * chart.Px, Color: chart.Ink}
		if m.Second {
			shape = chart.Marker{Shape: chart.Triangle, Size: 8 * chart.Px, Color: chart.Ink}
		}
		shape.Draw(c, []vg.Point{pt})
		style := chart.Bold(chart.Letters(chart.SmallSize, chart.Ink))
		width := style.Width(m.Name)
		x := max(pt.X-10*chart.Px-width, c.Min.X+4*chart.Px)
		y := min(pt.Y+chart.SmallSize*1.1, c.Max.Y-chart.SmallSize*0.6)
		c.SetColor(chart.Paper)
		c.Fill(chart.Box(nil, vg.Rectangle{Min: vg.Point{X: x - 2*chart.Px, Y: y - chart.SmallSize*0.55},
			Max: vg.Point{X: x + width + 2*chart.Px, Y: y + chart.SmallSize*0.55}}))
		c.FillText(style, vg.Point{X: x, Y: y}, m.Name)
	}
}

// onlyWithin are given ticks, as far as the axis goes.
type onlyWithin []plot.Tick

// Ticks implements plot.Ticker.
func (t onlyWithin) Ticks(lo, hi float64) (ts []plot.Tick) {
	for _, x := range t {
		if x.Value >= lo && x.Value <= hi {
			ts = append(ts, x)
		}
	}
	return ts
}

// tens are ticks at powers of ten, with labels at every second one where there are many.
type tens struct{}

// Ticks implements plot.Ticker.
func (tens) Ticks(lo, hi float64) (ts []plot.Tick) {
	first, last := int(math.Ceil(math.Log10(lo))), int(math.Floor(math.Log10(hi)))
	every := (last-first)/8 + 1
	for e := first; e <= last; e++ {
		t := plot.Tick{Value: math.Pow10(e)}
		if (e-first)%every == 0 {
			t.Label = chart.Grouped(t.Value, max(0, -e))
		}
		ts = append(ts, t)
	}
	return ts
}

// spanTicks are times in seconds, at lengths that have names.
var spanTicks = []plot.Tick{{Value: 1e-6, Label: "1 µs"}, {Value: 1e-3, Label: "1 ms"}, {Value: 1, Label: "1 s"},
	{Value: 60, Label: "1 min"},
	{Value: 3600, Label: "1 h"}, {Value: 86400, Label: "1 d"}, {Value: 30 * 86400, Label: "30 d"},
	{Value: 31_557_600, Label: "1 y"},
	{Value: 10 * 31_557_600, Label: "10 y"}, {Value: 100 * 31_557_600, Label: "100 y"}}

// sizeTicks are sizes in bytes.
var sizeTicks = []plot.Tick{{Value: 1e6, Label: "1 MB"}, {Value: 1e7, Label: "10 MB"}, {Value: 1e8, Label: "100 MB"},
	{Value: 1e9, Label: "1 GB"}, {Value: 8 << 30, Label: "8 GiB"}}

// recoveryTicks are times from a tenth of a second to hours.
var recoveryTicks = []plot.Tick{{Value: 0.01, Label: "10 ms"}, {Value: 0.1, Label: "100 ms"}, {Value: 1, Label: "1 s"},
	{Value: 10, Label: "10 s"},
	{Value: 60, Label: "1 min"}, {Value: 600, Label: "10 min"}, {Value: 3600, Label: "1 h"}, {Value: 36000, Label: "10 h"}}
