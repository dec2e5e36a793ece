package plots

import (
	"image/color"

	"gonum.org/v1/plot/vg"
)

// mark is a shape for single points, so that outcomes differ by more than colour.
type mark struct {
	shape shape
	size  vg.Length // from its middle to its edge
	color color.Color
}

type shape uint8

const (
	square shape = iota
	cross
	triangle
)

// draw puts the mark at each point, all of them as one path.
func (m mark) draw(c vg.Canvas, at []vg.Point) {
	if len(at) == 0 {
		return
	}
	var p vg.Path
	for _, o := range at {
		p = m.add(p, o)
	}
	switch m.shape {
	case square:
		stroke(c, line(2*m.size, m.color), p)
		return
	case cross:
		stroke(c, line(m.size*0.5, m.color), p)
		return
	}
	c.SetColor(m.color)
	c.Fill(p)
}

func (m mark) add(p vg.Path, o vg.Point) vg.Path {
	d := m.size
	switch m.shape {
	case cross:
		p = segment(p, vg.Point{X: o.X - d, Y: o.Y - d}, vg.Point{X: o.X + d, Y: o.Y + d})
		return segment(p, vg.Point{X: o.X - d, Y: o.Y + d}, vg.Point{X: o.X + d, Y: o.Y - d})
	case triangle:
		p.Move(vg.Point{X: o.X - d, Y: o.Y - 0.8*d})
		p.Line(vg.Point{X: o.X + d, Y: o.Y - 0.8*d})
		p.Line(vg.Point{X: o.X, Y: o.Y + d})
		p.Close()
		return p
	}
	return segment(p, vg.Point{X: o.X - d, Y: o.Y}, vg.Point{X: o.X + d, Y: o.Y}) // as thick as long
}
