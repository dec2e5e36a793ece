package plots

import (
	"math"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// sheet is the page that a figure draws itself on: the header is there already,
// and space is what is left below it.
type sheet struct {
	draw.Canvas
	space vg.Rectangle

	// Of a figure over the time of a run: how long that was and its faults. Where the time runs on the
	// page is told once the figure is drawn.
	span   time.Duration
	faults []Fault
	times  TimeAxis
}

// TimeAxis says where on a picture the run's time runs, so that the report can
// point at a moment. X0 and X1 are shares of the picture's width; both 0: the
// picture has no such axis.
type TimeAxis struct {
	X0, X1   float64
	From, To time.Duration
}

// newPage draws the background and the header.
func newPage(c vg.CanvasSizer, over, under string) *sheet {
	s := &sheet{Canvas: draw.New(c)}
	s.fill(paper, s.Rectangle)
	s.space = vg.Rectangle{
		Min: vg.Point{X: margin, Y: margin / 2},
		Max: vg.Point{X: pageWidth - margin, Y: pageHeight - margin/2},
	}
	room := s.space.Size().X
	title := bold(letters(titleSize, ink))
	s.text(title, s.space.Min.X, s.space.Max.Y-titleSize*0.6, fit(over, title, room))
	sub := letters(textSize, muted)
	s.text(sub, s.space.Min.X, s.space.Max.Y-titleSize*1.2-textSize*0.6, fit(under, sub, room))
	s.space.Max.Y -= titleSize*1.2 + textSize*1.7
	return s
}

// text writes s with its style's alignment at a point.
func (s *sheet) text(style draw.TextStyle, x, y vg.Length, text string) {
	if text != "" {
		s.FillText(style, vg.Point{X: x, Y: y}, text)
	}
}

func (s *sheet) fill(c hex, r vg.Rectangle) {
	s.SetColor(c)
	s.Fill(box(nil, r))
}

// newPlot is an empty plot in the style. Its axes are set up by timeAxis and its
// like in axis.go.
func newPlot() *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Padding = 0
		a.LineStyle = line(thinLine, muted)
		a.Label.TextStyle.Font = letters(textSize, ink).Font
		a.Label.TextStyle.Color = ink
		a.Label.Padding = 4 * px
		a.Tick.Label.Font = letters(textSize, ink).Font
		a.Tick.Label.Color = ink
		a.Tick.LineStyle = line(thinLine, muted)
		a.Tick.Length = 7 * px
	}
	p.Y.Tick.Label.YAlign = -0.69 // gonum adds the font's descent; this is the letters' middle
	return p
}

// plotLeft and plotRight are where every plot over time begins and ends, so that
// the same moment stands at the same place on each.
const (
	plotLeft  = 120 * px
	plotRight = pageWidth - 36*px
)

// frame is the canvas in which the plot's data area lies where every plot over time has it.
func (s *sheet) frame(p *plot.Plot) draw.Canvas {
	return frameBetween(p, draw.Canvas{Canvas: s.Canvas, Rectangle: s.space}, plotLeft, plotRight)
}

// frameBetween is the canvas, as high as c, in which the plot's data area lies between two
// edges.
func frameBetween(p *plot.Plot, c draw.Canvas, left, right vg.Length) draw.Canvas {
	for range 3 { // room for the labels depends a little on the width
		data := p.DataCanvas(c)
		c.Min.X += left - data.Min.X
		c.Max.X += right - data.Max.X
	}
	return c
}

// drawTimePlot draws a plot over time with the faults above it, and the legend
// below.
func (s *sheet) drawTimePlot(p *timePlot, legend ...key) {
	s.legend(legend...)
	lanes := stack(s.faults, p)
	top := s.space.Max.Y
	s.space.Max.Y -= lanes.height()
	lanes.draw(s, top)
	if p.strip > 0 {
		area := draw.Canvas{Canvas: s.Canvas, Rectangle: s.space}
		area.Min = vg.Point{X: plotLeft, Y: s.space.Max.Y - p.strip}
		area.Max.X = plotRight
		p.inkStrip(s, p, area)
		s.space.Max.Y -= p.strip
	}
	c := s.frame(p.Plot)
	data := p.DataCanvas(c)
	p.Draw(c)
	s.vertically(p.yLabel, data)
	s.times = TimeAxis{X0: float64(data.Min.X / pageWidth), X1: float64(data.Max.X / pageWidth), From: p.from, To: p.to}
}

// vertically writes the label of a vertical axis along the page's edge. gonum's own
// label takes room above the plot when the scale is logarithmic.
func (s *sheet) vertically(text string, data draw.Canvas) {
	style := centred(letters(textSize, ink))
	style.Rotation = math.Pi / 2
	s.text(style, margin+textSize/2, data.Center().Y, text)
}

// inkFunc is a plotter from a function: at turns values of the axes into a place.
type inkFunc func(c draw.Canvas, at func(x, y float64) vg.Point)

// Plot implements plot.Plotter.
func (f inkFunc) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	f(c, func(x, y float64) vg.Point { return vg.Point{X: tx(x), Y: ty(y)} })
}
