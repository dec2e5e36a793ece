package chart

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Bars is a panel of bars: a group for each name, and in it a bar for each set.
type Bars struct {
	Title  string
	Names  []string // of the groups, along the horizontal axis
	XLabel string
	Y      Axis
	Sets   []BarSet
	// Across are horizontal lines: a goal, a limit.
	Across []Reference
}

// BarSet is one bar of each group. Values has one for each name; NaN: no bar there.
type BarSet struct {
	Name   string
	Values []float64
	// Labels over the bars; nil: the values, rounded.
	Labels []string
}

func (b Bars) check() error {
	n := 0
	for _, s := range b.Sets {
		if len(s.Values) != len(b.Names) || s.Labels != nil && len(s.Labels) != len(b.Names) {
			return fmt.Errorf("the bar set %q has %d bars and %d labels for %d names", s.Name, len(s.Values), len(s.Labels),
				len(b.Names))
		}
		for _, v := range s.Values {
			if math.IsInf(v, 0) || b.Y.Log && v <= 0 {
				return fmt.Errorf("the bar set %q has the value %v, which the axis can't show", s.Name, v)
			}
			if !math.IsNaN(v) {
				n++
			}
		}
	}
	if n == 0 {
		return Nothing("there are no bars")
	}
	return nil
}

// barLooks tell sets apart by colour and hatch.
var barLooks = []Look{
	{Fill: Blue, Text: OnDark},
	{Fill: Orange, Hatch: Rising, Over: OnLight, Text: OnLight},
	{Fill: SkyBlue, Hatch: Falling, Over: OnLight, Text: OnLight},
	{Fill: Green, Hatch: Level, Over: OnDark, Text: OnDark},
	{Fill: Purple, Hatch: Upright, Over: OnLight, Text: OnLight},
}

func (b Bars) keys() (keys []Key) {
	for i, s := range b.Sets {
		if s.Name != "" {
			keys = append(keys, AreaKey(s.Name, barLooks[i%len(barLooks)]))
		}
	}
	return keys
}

func (b Bars) inkPanel(s *Sheet, area vg.Rectangle) {
	area = s.panelTitle(b.Title, area)
	p := NewPlot()
	var ys []float64
	for _, set := range b.Sets {
		for _, v := range set.Values {
			if !math.IsNaN(v) {
				ys = append(ys, v)
			}
		}
	}
	for _, r := range b.Across {
		ys = append(ys, r.At)
	}
	if !b.Y.Log {
		ys = append(ys, 0)
	}
	p.X.Min, p.X.Max = -0.5, float64(len(b.Names))-0.5
	p.Y.Min, p.Y.Max = b.Y.bounds(ys)
	if b.Y.Min == b.Y.Max && !b.Y.Log && !b.Y.Percent {
		p.Y.Max *= 1.06 // for the labels
	}
	p.X.Label.Text = b.XLabel
	p.X.Tick.Marker, p.X.Tick.Length, p.Y.Tick.Marker = NameTicks(b.Names, false), 0, b.Y.ticks(8)
	if b.Y.Log {
		p.Y.Scale = plot.LogScale{}
	}
	p.Add(Horizontals(p), InkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
		for i, set := range b.Sets {
			b.inkSet(c, at, set, i)
		}
	}))
	(Lines{Across: b.Across}).addReferences(p)
	c := s.areaCanvas(area)
	c.Min.X += panelLabel
	data := p.DataCanvas(c)
	p.Draw(c)
	s.alongside(b.Y.Label, area, data)
}

// inkSet draws one bar of each group.
func (b Bars) inkSet(c draw.Canvas, at func(x, y float64) vg.Point, set BarSet, i int) {
	const groupShare = 0.8
	width := groupShare / float64(len(b.Sets))
	var a Areas
	style := Centred(Letters(SmallSize, Ink))
	for k, v := range set.Values {
		left := float64(k) - groupShare/2 + float64(i)*width
		if math.IsNaN(v) {
			continue
		}
		top, foot := at(left, v), vg.Point{X: at(left+width, v).X, Y: c.Min.Y}
		r := vg.Rectangle{Min: vg.Point{X: top.X + Px, Y: foot.Y}, Max: vg.Point{X: foot.X - Px, Y: max(top.Y, foot.Y+Px)}}
		a.Add(barLooks[i%len(barLooks)], r)
		label := short(v)
		if set.Labels != nil {
			label = set.Labels[k]
		}
		c.FillText(style, vg.Point{X: (r.Min.X + r.Max.X) / 2, Y: r.Max.Y + SmallSize*0.75},
			Fit(label, style, r.Size().X+24*Px))
	}
	a.Draw(c, barLooks[i%len(barLooks)])
}

// short writes a number with three digits, without zeros at the end.
func short(v float64) string {
	if v == math.Trunc(v) || v == 0 {
		return Grouped(v, 0)
	}
	text := Grouped(v, max(0, 2-int(math.Floor(math.Log10(math.Abs(v))))))
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}
