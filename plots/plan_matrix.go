package plots

import (
	"image/color"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// MatrixPoints say what holds and what does not, for rows and columns.
type MatrixPoints struct {
	Title         string
	RowAxis       string
	ColumnAxis    string
	Rows, Columns []string
	Cells         [][]MatrixCell // by row, by column
	Holds, Breaks string         // what the two looks mean
}

// MatrixCell is a row against a column. Without a text it is empty.
type MatrixCell struct {
	Text  string
	Holds bool
}

func (m MatrixPoints) title() string { return m.Title }

var (
	holds  = look{fill: pale, text: ink}
	breaks = look{fill: vermillion.veil(0.35), hatch: rising, over: vermillion, text: ink}
)

func (m MatrixPoints) ink(s *sheet) {
	s.legend(areaKey(m.Holds, holds), areaKey(m.Breaks, breaks))
	p := newPlot()
	p.X.Min, p.X.Max = -0.5, float64(len(m.Columns))-0.5
	p.Y.Min, p.Y.Max = -0.5, float64(len(m.Rows))-0.5
	p.X.Label.Text = m.ColumnAxis
	p.X.Tick.Marker, p.Y.Tick.Marker = names(m.Columns, false), names(m.Rows, true)
	p.X.Tick.Length, p.Y.Tick.Length = 0, 0
	p.X.LineStyle.Width, p.Y.LineStyle.Width = 0, 0
	p.Add(inkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
		for i, row := range m.Cells {
			for j, cell := range row {
				if cell.Text != "" {
					cell.ink(c, at, float64(j), float64(len(m.Rows)-1-i))
				}
			}
		}
	}))
	c := draw.Canvas{Canvas: s.Canvas, Rectangle: s.space}
	c.Min.X += 30 * px
	data := p.DataCanvas(c)
	p.Draw(c)
	s.vertically(m.RowAxis, data)
}

func (m MatrixCell) ink(c draw.Canvas, at func(x, y float64) vg.Point, x, y float64) {
	lo, hi := at(x-0.5, y-0.5), at(x+0.5, y+0.5)
	r := vg.Rectangle{Min: vg.Point{X: lo.X + 2*px, Y: lo.Y + 2*px}, Max: vg.Point{X: hi.X - 2*px, Y: hi.Y - 2*px}}
	l := breaks
	if m.Holds {
		l = holds
	}
	l.draw(c, r, m.Text)
}

// BarPoints are amounts below each other, in groups.
type BarPoints struct {
	Title string
	Axis  PlanAxis
	Bars  []Bar
	Keys  [3]string // what the looks of the kinds mean; empty: nothing does
}

// Bar is an amount.
type Bar struct {
	Name  string
	Value float64
	Text  string
	Kind  int // its look
}

var amountLooks = [3]look{{fill: blue}, {fill: skyBlue.veil(0.6), hatch: rising, over: skyBlue}, {fill: vermillion.veil(0.5), hatch: falling, over: vermillion}}

func (b BarPoints) title() string { return b.Title }

func (b BarPoints) ink(s *sheet) {
	var keys []key
	for i, k := range b.Keys {
		if k != "" {
			keys = append(keys, areaKey(k, amountLooks[i]))
		}
	}
	s.legend(keys...)
	p := newPlot()
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
	p.Y.Tick.Marker = names(list, true)
	p.Y.Tick.Length = 0
	p.Y.Tick.Label.Font.Size = smallSize
	p.Add(verticals(p))
	p.Add(inkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
		for i, x := range b.Bars {
			x.ink(c, at, float64(len(b.Bars)-1-i), p.X.Min, b.Axis.shown(x.Value))
		}
	}))
	c := draw.Canvas{Canvas: s.Canvas, Rectangle: s.space}
	c.Max.X -= 10 * px
	p.Draw(c)
}

func (b Bar) ink(c draw.Canvas, at func(x, y float64) vg.Point, row, from float64, shown bool) {
	end := at(from, row)
	if shown {
		end = at(b.Value, row)
		r := vg.Rectangle{Min: vg.Point{X: c.Min.X, Y: at(from, row-0.32).Y}, Max: vg.Point{X: end.X, Y: at(from, row+0.32).Y}}
		amountLooks[b.Kind].draw(c, r)
	}
	style := letters(smallSize, color.Color(ink))
	c.FillText(style, vg.Point{X: end.X + 8*px, Y: end.Y}, b.Text)
}
