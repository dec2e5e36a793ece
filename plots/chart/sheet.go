package chart

import (
	"math"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Sheet is the page that a figure is drawn on: the header is already there, and
// space is what is left below it.
type Sheet struct {
	draw.Canvas
	Space vg.Rectangle

	// Of a figure over the time of a run: how long that was and its faults. Where the time runs on the
	// page is told once the figure is drawn.
	Span   time.Duration
	Faults []Fault
	Times  TimeAxis
}

// TimeAxis says where a picture's time axis is, so that the report can point at a
// moment. X0 and X1 are shares of the picture's width; both 0: the picture has
// no such axis.
type TimeAxis struct {
	X0, X1   float64
	From, To time.Duration
}

// newPage draws the background and the header.
func newPage(c vg.CanvasSizer, over, under string) *Sheet {
	s := &Sheet{Canvas: draw.New(c)}
	s.Paint(Paper, s.Rectangle)
	s.Space = vg.Rectangle{
		Min: vg.Point{X: margin, Y: margin / 2},
		Max: vg.Point{X: pageWidth - margin, Y: pageHeight - margin/2},
	}
	room := s.Space.Size().X
	title := Bold(Letters(titleSize, Ink))
	s.Text(title, s.Space.Min.X, s.Space.Max.Y-titleSize*0.6, Fit(over, title, room))
	sub := Letters(TextSize, Muted)
	s.Text(sub, s.Space.Min.X, s.Space.Max.Y-titleSize*1.2-TextSize*0.6, Fit(under, sub, room))
	s.Space.Max.Y -= titleSize*1.2 + TextSize*1.7
	return s
}

// Text writes s with its style's alignment at a point.
func (s *Sheet) Text(style draw.TextStyle, x, y vg.Length, text string) {
	if text != "" {
		s.FillText(style, vg.Point{X: x, Y: y}, text)
	}
}

func (s *Sheet) Paint(c Colour, r vg.Rectangle) {
	s.SetColor(c)
	s.Fill(Box(nil, r))
}

// NewPlot is an empty plot in the style. Its axes are set up by timeAxis and its
// like in axis.go.
func NewPlot() *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Padding = 0
		a.LineStyle = Pen(ThinLine, Muted)
		a.Label.TextStyle.Font = Letters(TextSize, Ink).Font
		a.Label.TextStyle.Color = Ink
		a.Label.Padding = 4 * Px
		a.Tick.Label.Font = Letters(TextSize, Ink).Font
		a.Tick.Label.Color = Ink
		a.Tick.LineStyle = Pen(ThinLine, Muted)
		a.Tick.Length = 7 * Px
	}
	p.Y.Tick.Label.YAlign = -0.69 // gonum adds the font's descent; this is the letters' middle
	return p
}

// PlotLeft and plotRight are where every plot over time begins and ends, so that
// the same moment is at the same place on each.
const (
	PlotLeft  = 120 * Px
	PlotRight = pageWidth - 36*Px
)

// Frame is the canvas that puts the plot's data area where every plot over time has it.
func (s *Sheet) Frame(p *plot.Plot) draw.Canvas {
	return FrameBetween(p, draw.Canvas{Canvas: s.Canvas, Rectangle: s.Space}, PlotLeft, PlotRight)
}

// FrameBetween is the canvas, as high as c, that puts the plot's data area between two edges.
func FrameBetween(p *plot.Plot, c draw.Canvas, left, right vg.Length) draw.Canvas {
	for range 3 { // room for the labels depends a little on the width
		data := p.DataCanvas(c)
		c.Min.X += left - data.Min.X
		c.Max.X += right - data.Max.X
	}
	return c
}

// DrawTimePlot draws a plot over time with the faults above it, and the legend
// below.
func (s *Sheet) DrawTimePlot(p *TimePlot, legend ...Key) {
	s.Legend(legend...)
	lanes := stack(s.Faults, p)
	top := s.Space.Max.Y
	s.Space.Max.Y -= lanes.height()
	lanes.draw(s, top)
	if p.Strip > 0 {
		area := draw.Canvas{Canvas: s.Canvas, Rectangle: s.Space}
		area.Min = vg.Point{X: PlotLeft, Y: s.Space.Max.Y - p.Strip}
		area.Max.X = PlotRight
		p.InkStrip(s, p, area)
		s.Space.Max.Y -= p.Strip
	}
	c := s.Frame(p.Plot)
	data := p.DataCanvas(c)
	p.Draw(c)
	s.LabelY(p.YLabel, data)
	s.Times = TimeAxis{X0: float64(data.Min.X / pageWidth), X1: float64(data.Max.X / pageWidth), From: p.From, To: p.To}
}

// LabelY writes the label of a vertical axis along the page's edge. gonum's own
// label takes room above the plot when the scale is logarithmic.
func (s *Sheet) LabelY(text string, data draw.Canvas) {
	style := Centred(Letters(TextSize, Ink))
	style.Rotation = math.Pi / 2
	s.Text(style, margin+TextSize/2, data.Center().Y, text)
}

// InkFunc makes a plotter of a function: at maps axis values to places.
type InkFunc func(c draw.Canvas, at func(x, y float64) vg.Point)

// Plot implements plot.Plotter.
func (f InkFunc) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	f(c, func(x, y float64) vg.Point { return vg.Point{X: tx(x), Y: ty(y)} })
}
