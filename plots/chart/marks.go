package chart

import (
	"image/color"

	"gonum.org/v1/plot/vg"
)

// Marker is a shape for single points, so that outcomes differ by more than colour.
type Marker struct {
	Shape Shape
	Size  vg.Length // from its middle to its edge
	Color color.Color
}

type Shape uint8

const (
	Square Shape = iota
	Cross
	Triangle
)

// Draw puts the mark at each point, all of them as one path.
func (m Marker) Draw(c vg.Canvas, at []vg.Point) {
	if len(at) == 0 {
		return
	}
	var p vg.Path
	for _, o := range at {
		p = m.add(p, o)
	}
	switch m.Shape {
	case Square:
		Stroke(c, Pen(2*m.Size, m.Color), p)
		return
	case Cross:
		Stroke(c, Pen(m.Size*0.5, m.Color), p)
		return
	}
	c.SetColor(m.Color)
	c.Fill(p)
}

func (m Marker) add(p vg.Path, o vg.Point) vg.Path {
	d := m.Size
	switch m.Shape {
	case Cross:
		p = Segment(p, vg.Point{X: o.X - d, Y: o.Y - d}, vg.Point{X: o.X + d, Y: o.Y + d})
		return Segment(p, vg.Point{X: o.X - d, Y: o.Y + d}, vg.Point{X: o.X + d, Y: o.Y - d})
	case Triangle:
		p.Move(vg.Point{X: o.X - d, Y: o.Y - 0.8*d})
		p.Line(vg.Point{X: o.X + d, Y: o.Y - 0.8*d})
		p.Line(vg.Point{X: o.X, Y: o.Y + d})
		p.Close()
		return p
	}
	return Segment(p, vg.Point{X: o.X - d, Y: o.Y}, vg.Point{X: o.X + d, Y: o.Y}) // as thick as long
}
