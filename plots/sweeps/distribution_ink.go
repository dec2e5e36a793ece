package sweeps

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"quorumlab/plots/chart"
	"quorumlab/sim/sweep"
)

// styleOf is how the lines of a point on the second axis are drawn, the last one solid
// and strong: it is the one that people look for first.
func (d distributionPoints) styleOf(l curve) draw.LineStyle {
	colour := chart.MemberColours[l.Colour%len(chart.MemberColours)]
	switch len(d.Styles) - 1 - l.Style {
	case 0:
		return chart.Pen(chart.ThickLine, colour)
	case 1:
		return chart.Pen(2*chart.Px, colour, 9*chart.Px, 5*chart.Px)
	}
	return chart.Pen(2*chart.Px, colour, 2*chart.Px, 4*chart.Px)
}

func (d distributionPoints) ink(s *chart.Sheet) {
	s.Legend(d.styleKeys()...)
	n := len(d.Panels)
	height := s.Space.Size().Y / vg.Length(n)
	for i, p := range d.Panels {
		area := s.Space
		area.Max.Y -= height * vg.Length(i)
		area.Min.Y = area.Max.Y - height + 6*chart.Px
		d.inkPanel(s, p, area, i == n-1)
	}
}

// styleKeys explain what is the same in all panels.
func (d distributionPoints) styleKeys() (keys []chart.Key) {
	if len(d.Styles) > 1 {
		for i := range d.Styles {
			style := d.styleOf(curve{Style: i})
			style.Color = chart.Ink
			keys = append(keys, chart.LineKey(d.Styles[i], style))
		}
	}
	if label := d.publishedKey(); label != "" {
		keys = append(keys, chart.Key{Label: label, Swatch: func(c vg.Canvas, r vg.Rectangle) {
			y := (r.Min.Y + r.Max.Y) / 2
			inkPublished(c, chart.Ink, []vg.Point{{X: r.Min.X + 7*chart.Px, Y: y}, {X: r.Max.X - 7*chart.Px, Y: y}})
		}})
	}
	return keys
}

// publishedKey names the quantiles that others have published, in their order; empty if there are none.
func (d distributionPoints) publishedKey() string {
	var shares []float64
	for _, p := range d.Panels {
		for _, dot := range p.Dots {
			shares = append(shares, dot.Share)
		}
	}
	if len(shares) == 0 {
		return ""
	}
	slices.Sort(shares)
	var names []string
	for _, s := range slices.Compact(shares) {
		switch s {
		case 0:
			names = append(names, "minimum")
		case 1:
			names = append(names, "maximum")
		default:
			names = append(names, strconv.FormatFloat(math.Round(s*1e6)/1e4, 'f', -1, 64)+"%")
		}
	}
	return "published: " + strings.Join(names, ", ")
}

func (d distributionPoints) inkPanel(s *chart.Sheet, p curvePanel, area vg.Rectangle, last bool) {
	q := chart.NewPlot()
	d.axes(q)
	q.X.Label.Text = ""
	if last {
		q.X.Label.Text = Label(d.Reading)
	}
	q.Add(chart.Horizontals(q), chart.Verticals(q))
	for _, l := range p.Lines {
		q.Add(chart.InkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
			chart.Stroke(c, d.styleOf(l), staircase(l.Points, at))
		}))
	}
	q.Add(chart.InkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
		byColour := make([][]vg.Point, len(p.Colours))
		for _, dot := range p.Dots {
			byColour[dot.Colour] = append(byColour[dot.Colour], at(dot.Value, 100*dot.Share))
		}
		for i, ps := range byColour {
			inkPublished(c, chart.MemberColours[i%len(chart.MemberColours)], ps)
		}
	}))
	page := *s
	page.Space = area
	if p.Name != "" {
		page.Text(chart.Bold(chart.Letters(chart.SmallSize, chart.Ink)), chart.PlotLeft, area.Max.Y-chart.SmallSize*0.6,
			p.Name)
		page.Space.Max.Y -= chart.SmallSize * 1.3
	}
	c := page.Frame(q)
	data := q.DataCanvas(c)
	q.Draw(c)
	d.colourKeys(&page, p, data)
	page.LabelY("trials, cumulative", data)
}

// inkPublished draws published quantiles: crosses, with dots between those of one line.
func inkPublished(c vg.Canvas, colour chart.Colour, ps []vg.Point) {
	for i := 1; i < len(ps); i++ {
		chart.Stroke(c, chart.Pen(2*chart.Px, colour, 2*chart.Px, 4*chart.Px), chart.Segment(nil, ps[i-1], ps[i]))
	}
	chart.Marker{Shape: chart.Cross, Size: 7 * chart.Px, Color: chart.Ink}.Draw(c, ps)
	chart.Marker{Shape: chart.Cross, Size: 5 * chart.Px, Color: colour}.Draw(c, ps)
}

// colourKeys name a panel's colours, at its right.
func (d distributionPoints) colourKeys(s *chart.Sheet, p curvePanel, data draw.Canvas) {
	if len(p.Colours) < 2 {
		return
	}
	style := chart.Letters(chart.SmallSize, chart.Ink)
	x, y := chart.PlotRight-190*chart.Px, data.Min.Y-2*chart.Px+vg.Length(len(p.Colours))*22*chart.Px
	s.Paint(chart.Paper, vg.Rectangle{Min: vg.Point{X: x - 6*chart.Px, Y: y +
		12*chart.Px - vg.Length(len(p.Colours))*22*chart.Px}, Max: vg.Point{X: chart.PlotRight - 4*chart.Px, Y: y +
		14*chart.Px}})
	for i, name := range p.Colours {
		at := y - vg.Length(i)*22*chart.Px
		chart.Stroke(s, chart.Pen(chart.ThickLine, chart.MemberColours[i%len(chart.MemberColours)]),
			chart.Segment(nil, vg.Point{X: x, Y: at}, vg.Point{X: x + chart.SwatchWidth, Y: at}))
		s.Text(style, x+chart.SwatchWidth+8*chart.Px, at, chart.Fit(name, style, 140*chart.Px))
	}
}

// axes sets up the value and the share.
func (d distributionPoints) axes(q *plot.Plot) {
	q.X.Min, q.X.Max = d.Lo, d.Hi
	if d.Log {
		q.X.Scale = plot.LogScale{}
		q.X.Tick.Marker = chart.LogTicks{}
		q.X.Min, q.X.Max = d.Lo/1.1, d.Hi*1.1
	} else {
		pad := max((d.Hi-d.Lo)/20, math.Abs(d.Hi)/100, 1e-9)
		q.X.Min, q.X.Max = max(0, d.Lo-pad), d.Hi+pad
		q.X.Tick.Marker = chart.RoundTicks{Most: 12}
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
