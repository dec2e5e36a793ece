package plots

import (
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

func init() {
	registerSweep(SweepFigure{
		Name: "heat",
		About: "Two settings against each other: a cell a pair, with the median of its trials, or the share where the figure is a comparison. " +
			"The stronger the colour, the higher the value.",
		Order:  20,
		Points: heat,
	})
}

// HeatPoints are a figure's typical values over two settings.
type HeatPoints struct {
	Title         string
	Rows, Columns []string // the second axis's points, the first's
	RowAxis       string
	ColumnAxis    string
	Cells         [][]HeatCell // by row, by column
	Lo, Hi        float64
}

// HeatCell is a pair of points. Value is NaN if its trials do not tell it.
type HeatCell struct {
	Value float64
	Text  string
}

func heat(s *Sweep, figure int) (SweepPoints, error) {
	axes := s.Design.Axes
	if len(axes) != 2 || len(axes[0].Points) < 2 || len(axes[1].Points) < 2 {
		return nil, nothing("a heat map takes two settings")
	}
	r := s.Design.Figures[figure]
	what := "The median of " + r.String()
	if r.Op != "" {
		what = "How often " + r.String()
	}
	h := HeatPoints{Title: what, ColumnAxis: axes[0].Name, RowAxis: axes[1].Name, Lo: math.Inf(1), Hi: math.Inf(-1)}
	for _, p := range axes[0].Points {
		h.Columns = append(h.Columns, p.Name)
	}
	for _, p := range axes[1].Points {
		h.Rows = append(h.Rows, p.Name)
		h.Cells = append(h.Cells, make([]HeatCell, len(axes[0].Points)))
	}
	for _, o := range s.Variations {
		d := o.Figures[figure]
		c := HeatCell{d.P50, "none"}
		if r.Op != "" {
			c.Value = d.Mean
		}
		if !math.IsNaN(c.Value) {
			c.Text = d.Unit.FormatValue(c.Value)
			h.Lo, h.Hi = min(h.Lo, c.Value), max(h.Hi, c.Value)
		} else if d.Beyond {
			c.Text = "beyond"
		}
		h.Cells[o.Points[1]][o.Points[0]] = c
	}
	if h.Lo > h.Hi {
		return nil, nothing("no trial had a value")
	}
	return h, nil
}

func (h HeatPoints) title() string { return h.Title }

func (h HeatPoints) ink(s *sheet) {
	p := newPlot()
	p.X.Min, p.X.Max = -0.5, float64(len(h.Columns))-0.5
	p.Y.Min, p.Y.Max = -0.5, float64(len(h.Rows))-0.5
	p.X.Label.Text = h.ColumnAxis
	p.X.Tick.Marker, p.Y.Tick.Marker = names(h.Columns, false), names(h.Rows, true)
	p.X.Tick.Length, p.Y.Tick.Length = 0, 0
	p.X.Tick.Label.Font.Size, p.Y.Tick.Label.Font.Size = smallSize, smallSize
	p.Add(inkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
		for i, row := range h.Cells {
			for j, cell := range row {
				h.inkCell(c, at, cell, float64(j), float64(len(h.Rows)-1-i))
			}
		}
	}))
	c := draw.Canvas{Canvas: s.Canvas, Rectangle: s.space}
	c.Min.X += 30 * px
	data := p.DataCanvas(c)
	p.Draw(c)
	s.vertically(h.RowAxis, data)
}

// names are ticks with names, from the bottom or the top.
func names(list []string, fromTop bool) plot.ConstantTicks {
	var ts []plot.Tick
	for i, n := range list {
		at := float64(i)
		if fromTop {
			at = float64(len(list) - 1 - i)
		}
		ts = append(ts, plot.Tick{Value: at, Label: printable(n)})
	}
	return ts
}

func (h HeatPoints) inkCell(c draw.Canvas, at func(x, y float64) vg.Point, cell HeatCell, x, y float64) {
	lo, hi := at(x-0.5, y-0.5), at(x+0.5, y+0.5)
	r := vg.Rectangle{Min: vg.Point{X: lo.X + px, Y: lo.Y + px}, Max: vg.Point{X: hi.X - px, Y: hi.Y - px}}
	c.SetColor(h.shade(cell.Value))
	c.Fill(box(nil, r))
	style := centred(letters(textSize, onLight))
	if text := fit(cell.Text, style, r.Size().X-6*px); text != "" {
		c.FillText(style, at(x, y), text)
	}
}

// shade is a cell's colour, light enough for dark letters: from nearly white to a
// middle blue, by the value's place between the extremes, on a logarithmic scale where
// they lie far apart.
func (h HeatPoints) shade(v float64) color.Color {
	if math.IsNaN(v) {
		return pale
	}
	place := 0.0
	switch {
	case h.Hi <= h.Lo:
	case h.Lo > 0 && h.Hi > 10*h.Lo:
		place = math.Log(v/h.Lo) / math.Log(h.Hi/h.Lo)
	default:
		place = (v - h.Lo) / (h.Hi - h.Lo)
	}
	mix := func(from, to float64) uint8 { return uint8(from + (to-from)*place + 0.5) }
	return color.NRGBA{mix(0xEE, 0x56), mix(0xF4, 0xA4), mix(0xF8, 0xE0), 0xFF}
}
