package sweeps

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"quorumlab/plots/chart"
)

func init() {
	register(SweepFigure{
		Name: "heat",
		About: "Two settings against each other: a cell a pair, with the median of its trials, or the share where the " +
			"measure is compared. The stronger the color, the higher the value.",
		Order:  20,
		Points: heat,
	})
}

// heatPoints are a measure's typical values over two settings.
type heatPoints struct {
	Title         string
	Rows, Columns []string // the second axis's points, the first's
	RowAxis       string
	ColumnAxis    string
	Cells         [][]heatCell // by row, by column
	Lo, Hi        float64
}

// heatCell is a pair of points. Value is NaN if its trials do not tell it.
type heatCell struct {
	Value float64
	Text  string
}

func heat(s *Swept, measure int) (SweepPoints, error) {
	axes := s.Design.Axes
	if len(axes) != 2 || len(axes[0].Points) < 2 || len(axes[1].Points) < 2 {
		return nil, chart.Nothing("a heat map takes two settings")
	}
	r := s.Design.Measures[measure]
	what := "Median " + r.String()
	if r.Op != "" {
		what = "How often " + r.String()
	}
	h := heatPoints{Title: what, ColumnAxis: axes[0].Name, RowAxis: axes[1].Name, Lo: math.Inf(1), Hi: math.Inf(-1)}
	for _, p := range axes[0].Points {
		h.Columns = append(h.Columns, p.Name)
	}
	for _, p := range axes[1].Points {
		h.Rows = append(h.Rows, p.Name)
		h.Cells = append(h.Cells, make([]heatCell, len(axes[0].Points)))
	}
	for _, o := range s.Variations {
		d := o.Measures[measure]
		c := heatCell{d.P50, "none"}
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
		return nil, chart.Nothing("no trial had a value")
	}
	return h, nil
}

func (h heatPoints) title() string { return h.Title }

func (h heatPoints) ink(s *chart.Sheet) {
	p := chart.NewPlot()
	p.X.Min, p.X.Max = -0.5, float64(len(h.Columns))-0.5
	p.Y.Min, p.Y.Max = -0.5, float64(len(h.Rows))-0.5
	p.X.Label.Text = h.ColumnAxis
	p.X.Tick.Marker, p.Y.Tick.Marker = chart.NameTicks(h.Columns, false), chart.NameTicks(h.Rows, true)
	p.X.Tick.Length, p.Y.Tick.Length = 0, 0
	p.X.Tick.Label.Font.Size, p.Y.Tick.Label.Font.Size = chart.SmallSize, chart.SmallSize
	p.Add(chart.InkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
		for i, row := range h.Cells {
			for j, cell := range row {
				h.inkCell(c, at, cell, float64(j), float64(len(h.Rows)-1-i))
			}
		}
	}))
	c := draw.Canvas{Canvas: s.Canvas, Rectangle: s.Space}
	c.Min.X += 30 * chart.Px
	data := p.DataCanvas(c)
	p.Draw(c)
	s.LabelY(h.RowAxis, data)
}

func (h heatPoints) inkCell(c draw.Canvas, at func(x, y float64) vg.Point, cell heatCell, x, y float64) {
	lo, hi := at(x-0.5, y-0.5), at(x+0.5, y+0.5)
	r := vg.Rectangle{Min: vg.Point{X: lo.X + chart.Px, Y: lo.Y + chart.Px},
		Max: vg.Point{X: hi.X - chart.Px, Y: hi.Y - chart.Px}}
	c.SetColor(h.shade(cell.Value))
	c.Fill(chart.Box(nil, r))
	style := chart.Centred(chart.Letters(chart.TextSize, chart.OnLight))
	if text := chart.Fit(cell.Text, style, r.Size().X-6*chart.Px); text != "" {
		c.FillText(style, at(x, y), text)
	}
}

// shade is a cell's colour, light enough for dark letters: from nearly white to a
// middle blue, by the value's place between the extremes, on a logarithmic scale where
// they lie far apart.
func (h heatPoints) shade(v float64) color.Color {
	if math.IsNaN(v) {
		return chart.Pale
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
