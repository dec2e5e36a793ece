package plots

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"quorumlab/sim/sweep"
)

// styleOf is how the lines of a point on the second axis are drawn, the last one solid
// and strong: it is the one that people look for first.
func (d DistributionPoints) styleOf(l Line) draw.LineStyle {
	colour := memberColours[l.Colour%len(memberColours)]
	switch len(d.Styles) - 1 - l.Style {
	case 0:
		return line(thickLine, colour)
	case 1:
		return line(2*px, colour, 9*px, 5*px)
	}
	return line(2*px, colour, 2*px, 4*px)
}

func (d DistributionPoints) ink(s *sheet) {
	s.legend(d.styleKeys()...)
	n := len(d.Panels)
	height := s.space.Size().Y / vg.Length(n)
	for i, p := range d.Panels {
		area := s.space
		area.Max.Y -= height * vg.Length(i)
		area.Min.Y = area.Max.Y - height + 6*px
		d.inkPanel(s, p, area, i == n-1)
	}
}

// styleKeys explain what is the same in all panels.
func (d DistributionPoints) styleKeys() (keys []key) {
	if len(d.Styles) > 1 {
		for i := range d.Styles {
			style := d.styleOf(Line{Style: i})
			style.Color = ink
			keys = append(keys, lineKey(d.Styles[i], style))
		}
	}
	for _, p := range d.Panels {
		if len(p.Dots) > 0 {
			return append(keys, key{"published: least, 10%, 50%, 90%, 99%, most", func(c vg.Canvas, r vg.Rectangle) {
				y := (r.Min.Y + r.Max.Y) / 2
				inkPublished(c, ink, []vg.Point{{X: r.Min.X + 7*px, Y: y}, {X: r.Max.X - 7*px, Y: y}})
			}})
		}
	}
	return keys
}

func (d DistributionPoints) inkPanel(s *sheet, p CurvePanel, area vg.Rectangle, last bool) {
	q := newPlot()
	d.axes(q)
	q.X.Label.Text = ""
	if last {
		q.X.Label.Text = label(d.Figure)
	}
	q.Add(horizontals(q), verticals(q))
	for _, l := range p.Lines {
		q.Add(inkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
			stroke(c, d.styleOf(l), staircase(l.Points, at))
		}))
	}
	q.Add(inkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
		byColour := make([][]vg.Point, len(p.Colours))
		for _, dot := range p.Dots {
			byColour[dot.Colour] = append(byColour[dot.Colour], at(dot.Value, 100*dot.Share))
		}
		for i, ps := range byColour {
			inkPublished(c, memberColours[i%len(memberColours)], ps)
		}
	}))
	page := *s
	page.space = area
	if p.Name != "" {
		page.text(bold(letters(smallSize, ink)), plotLeft, area.Max.Y-smallSize*0.6, p.Name)
		page.space.Max.Y -= smallSize * 1.3
	}
	c := page.frame(q)
	data := q.DataCanvas(c)
	q.Draw(c)
	d.colourKeys(&page, p, data)
	page.vertically("trials, cumulative", data)
}

// inkPublished draws published quantiles: crosses, with dots between those of one line.
func inkPublished(c vg.Canvas, colour hex, ps []vg.Point) {
	for i := 1; i < len(ps); i++ {
		stroke(c, line(2*px, colour, 2*px, 4*px), segment(nil, ps[i-1], ps[i]))
	}
	mark{cross, 7 * px, ink}.draw(c, ps)
	mark{cross, 5 * px, colour}.draw(c, ps)
}

// colourKeys name a panel's colours, at its right.
func (d DistributionPoints) colourKeys(s *sheet, p CurvePanel, data draw.Canvas) {
	if len(p.Colours) < 2 {
		return
	}
	style := letters(smallSize, ink)
	x, y := plotRight-190*px, data.Min.Y-2*px+vg.Length(len(p.Colours))*22*px
	s.fill(paper, vg.Rectangle{Min: vg.Point{X: x - 6*px, Y: y + 12*px - vg.Length(len(p.Colours))*22*px}, Max: vg.Point{X: plotRight - 4*px, Y: y + 14*px}})
	for i, name := range p.Colours {
		at := y - vg.Length(i)*22*px
		stroke(s, line(thickLine, memberColours[i%len(memberColours)]), segment(nil, vg.Point{X: x, Y: at}, vg.Point{X: x + swatchWidth, Y: at}))
		s.text(style, x+swatchWidth+8*px, at, fit(name, style, 140*px))
	}
}

// axes sets up the value and the share.
func (d DistributionPoints) axes(q *plot.Plot) {
	q.X.Min, q.X.Max = d.Lo, d.Hi
	if d.Log {
		q.X.Scale = plot.LogScale{}
		q.X.Tick.Marker = logTicks{}
		q.X.Min, q.X.Max = d.Lo/1.1, d.Hi*1.1
	} else {
		pad := max((d.Hi-d.Lo)/20, math.Abs(d.Hi)/100, 1e-9)
		q.X.Min, q.X.Max = max(0, d.Lo-pad), d.Hi+pad
		q.X.Tick.Marker = steps{most: 12}
	}
	q.Y.Min, q.Y.Max = 0, 100
	q.Y.Tick.Marker = percentTicks{}
}

// staircase is a distribution as it jumps from value to value, from the axis up.
func staircase(ps []sweep.CurvePoint, at func(x, y float64) vg.Point) (path vg.Path) {
	share := 0.0
	for i, p := range ps {
		if i == 0 {
			path.Move(at(p.Value, 0))
		} else {
			path.Line(at(p.Value, 100*share))
		}
		share = p.Share
		path.Line(at(p.Value, 100*share))
	}
	return path
}

// percentTicks are ticks at quarters.
type percentTicks struct{}

// Ticks implements plot.Ticker.
func (percentTicks) Ticks(lo, hi float64) (ts []plot.Tick) {
	for v := 0; v <= 100; v += 25 {
		ts = append(ts, plot.Tick{Value: float64(v), Label: strconv.Itoa(v) + "%"})
	}
	return ts
}
