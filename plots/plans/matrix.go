package plans

import (
	"image/color"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"quorumlab/plots/chart"
)

// matrixPoints say what holds and what does not, for rows and columns.
type matrixPoints struct {
	Title         string
	RowAxis       string
	ColumnAxis    string
	Rows, Columns []string
	Cells         [][]matrixCell // by row, by column
	Holds, Breaks string         // what the two looks mean
}

// matrixCell is a row against a column. Without a text it is empty.
type matrixCell struct {
	Text  string
	Holds bool
}

func (m matrixPoints) title() string { return m.Title }

var (
	holds  = chart.Look{Fill: chart.Pale, Text: chart.Ink}
	breaks = chart.Look{Fill: chart.Vermillion.Veil(0.35), Hatch: chart.Rising, Over: chart.Vermillion, Text: chart.Ink}
)

func (m matrixPoints) ink(s *chart.Sheet) {
	s.Legend(chart.AreaKey(m.Holds, holds), chart.AreaKey(m.Breaks, breaks))
	p := chart.NewPlot()
	p.X.Min, p.X.Max = -0.5, float64(len(m.Columns))-0.5
	p.Y.Min, p.Y.Max = -0.5, float64(len(m.Rows))-0.5
	p.X.Label.Text = m.ColumnAxis
	p.X.Tick.Marker, p.Y.Tick.Marker = chart.NameTicks(m.Columns, false), chart.NameTicks(m.Rows, true)
	p.X.Tick.Length, p.Y.Tick.Length = 0, 0
	p.X.LineStyle.Width, p.Y.LineStyle.Width = 0, 0
	p.Add(chart.InkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
		for i, row := range m.Cells {
			for j, cell := range row {
				if cell.Text != "" {
					cell.ink(c, at, float64(j), float64(len(m.Rows)-1-i))
				}
			}
		}
	}))
	c := draw.Canvas{Canvas: s.Canvas, Rectangle: s.Space}
	c.Min.X += 30 * chart.Px
	data := p.DataCanvas(c)
	p.Draw(c)
	s.LabelY(m.RowAxis, data)
}

func (m matrixCell) ink(c draw.Canvas, at func(x, y float64) vg.Point, x, y float64) {
	lo, hi := at(x-0.5, y-0.5), at(x+0.5, y+0.5)
	r := vg.Rectangle{Min: vg.Point{X: lo.X + 2*chart.Px, Y: lo.Y + 2*chart.Px},
		Max: vg.Point{X: hi.X - 2*chart.Px, Y: hi.Y - 2*chart.Px}}
	l := breaks
	if m.Holds {
		l = holds
	}
	l.Draw(c, r, m.Text)
}

// barPoints are amounts below each other, in groups.
type barPoints struct {
	Title string
	Axis  axis
	Bars  []amount
	Keys  [3]string // what the looks of the kinds mean; empty: nothing does
}

// amount is an amount.
type amount struct {
	Name  string
	Value float64
	Text  string
	Kind  int // its look
}

var amountLooks = [3]chart.Look{{Fill: chart.Blue}, {Fill: chart.SkyBlue.Veil(0.6), Hatch: chart.Rising,
	Over: chart.SkyBlue}, {Fill: chart.Vermillion.Veil(0.5), Hatch: chart.Falling, Over: chart.Vermillion}}

func (b barPoints) title() string { return b.Title }

func (b barPoints) ink(s *chart.Sheet) {
	var keys []chart.Key
	for i, k := range b.Keys {
		if k != "" {
			keys = append(keys, chart.AreaKey(k, amountLooks[i]))
		}
	}
	s.Legend(keys...)
	p := chart.NewPlot()
	var list []string
	extent := [2]float64{1e300, 0}
	for _, x := range b.Bars {
		list = append(list, x.Name)
		if b.Axis.shown(x.Value) {
			extent = [2]float64{min(extent[0], x.Value), max(extent[1], x.Value)}
		}
	}
	b.Axis.set(&p.X, extent)
	if b.Axis.Log {
		p.X.Min, p.X.Max = extent[0]/3, extent[1]*4 // room for the texts
	} else {
		p.X.Max = extent[1] * 1.2
	}
	p.X.Label.Text = b.Axis.Label
	p.Y.Min, p.Y.Max = -0.6, float64(len(b.Bars))-0.4
	p.Y.Tick.Marker = chart.NameTicks(list, true)
	p.Y.Tick.Length = 0
	p.Y.Tick.Label.Font.Size = chart.SmallSize
	p.Add(chart.Verticals(p))
	p.Add(chart.InkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
		for i, x := range b.Bars {
			x.ink(c, at, float64(len(b.Bars)-1-i), p.X.Min, b.Axis.shown(x.Value))
		}
	}))
	c := draw.Canvas{Canvas: s.Canvas, Rectangle: s.Space}
	c.Max.X -= 10 * chart.Px
	p.Draw(c)
}

func (b amount) ink(c draw.Canvas, at func(x, y float64) vg.Point, row, from float64, shown bool) {
	end := at(from, row)
	if shown {
		end = at(b.Value, row)
		r := vg.Rectangle{Min: vg.Point{X: c.Min.X, Y: at(from, row-0.32).Y},
			Max: vg.Point{X: end.X, Y: at(from, row+0.32).Y}}
		amountLooks[b.Kind].Draw(c, r)
	}
	style := chart.Letters(chart.SmallSize, color.Color(chart.Ink))
	c.FillText(style, vg.Point{X: end.X + 8*chart.Px, Y: end.Y}, b.Text)
}
