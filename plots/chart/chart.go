package chart

import (
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Chart is a picture of plain data that is not a run's trace or a sweep, such as a lesson's
// measurements. It has the common style.
type Chart struct {
	Name     string // of its files: lower-case words with dashes
	Title    string
	Subtitle string // what was measured, under which conditions
	About    string // for people: what is drawn, how to read it
	// Panels are drawn side by side, at least one. Each is a Lines, Bars, Matrix or Lanes.
	Panels []Panel
}

// Panel is a part of a chart.
type Panel interface {
	// keys are its entries in the chart's legend.
	keys() []Key
	// inkPanel draws it into the area of the sheet.
	inkPanel(s *Sheet, area vg.Rectangle)
	// check says what in the data can't be drawn.
	check() error
}

// Render draws the chart as SVG and PNG, 1280 x 720 pixels. ErrNothing: a panel has no
// data. Other errors are data that can't be drawn: a point that is not finite, or not above
// 0 on a logarithmic axis.
func (c Chart) Render() (svg, png []byte, err error) {
	if len(c.Panels) == 0 {
		return nil, nil, Nothing("the chart has no panels")
	}
	for _, p := range c.Panels {
		if err := p.check(); err != nil {
			return nil, nil, err
		}
	}
	return Draw(c.Title, c.Subtitle, c.ink, true)
}

func (c Chart) ink(s *Sheet) {
	var keys []Key
	for _, p := range c.Panels {
		keys = append(keys, p.keys()...)
	}
	s.Legend(Once(keys)...)
	const gap = 28 * Px
	n := vg.Length(len(c.Panels))
	width := (s.Space.Size().X - gap*(n-1)) / n
	for i, p := range c.Panels {
		area := s.Space
		area.Min.X += vg.Length(i) * (width + gap)
		area.Max.X = area.Min.X + width
		p.inkPanel(s, area)
	}
}

// panelTitle writes a panel's title over its area and returns what is left.
func (s *Sheet) panelTitle(title string, area vg.Rectangle) vg.Rectangle {
	if title == "" {
		return area
	}
	style := Bold(Letters(TextSize, Ink))
	s.Text(style, area.Min.X, area.Max.Y-TextSize*0.6, Fit(title, style, area.Size().X))
	area.Max.Y -= TextSize * 1.7
	return area
}

// areaCanvas is a canvas of a part of the sheet.
func (s *Sheet) areaCanvas(area vg.Rectangle) draw.Canvas {
	return draw.Canvas{Canvas: s.Canvas, Rectangle: area}
}

// panelLabel is the room at a panel's left for the label of its vertical axis.
const panelLabel = 30 * Px

// alongside writes the label of a panel's vertical axis at its left edge.
func (s *Sheet) alongside(text string, area vg.Rectangle, data draw.Canvas) {
	style := Centred(Letters(TextSize, Ink))
	style.Rotation = math.Pi / 2
	s.Text(style, area.Min.X+TextSize*0.6, data.Center().Y, text)
}

// Axis is one axis of a panel.
type Axis struct {
	Label    string // with its unit
	Log      bool
	Min, Max float64 // both 0: from the data; of a logarithmic axis above 0
	Whole    bool    // counts: no ticks between whole numbers
	Percent  bool    // shares from 0 to 1, labelled in per cent
}
