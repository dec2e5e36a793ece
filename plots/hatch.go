package plots

import (
	"image/color"

	"gonum.org/v1/plot/vg"
)

// hatch is a pattern of lines over an area, for those who see no colours.
type hatch uint8

const (
	plain   hatch = iota
	rising        // ///
	falling       // \\\
	crossed       // both ways
	upright       // |||
	level         // ===
)

// hatchGap is the distance between two lines of a hatch.
const hatchGap = 8 * px

// lines is the hatch of a rectangle, to be stroked.
func (h hatch) lines(r vg.Rectangle) vg.Path {
	var p vg.Path
	switch h {
	case rising:
		p = slanted(p, r, 1)
	case falling:
		p = slanted(p, r, -1)
	case crossed:
		p = slanted(slanted(p, r, 1), r, -1)
	case upright:
		for x := r.Min.X + hatchGap/2; x < r.Max.X; x += hatchGap {
			p = segment(p, vg.Point{X: x, Y: r.Min.Y}, vg.Point{X: x, Y: r.Max.Y})
		}
	case level:
		for y := r.Min.Y + hatchGap/2; y < r.Max.Y; y += hatchGap {
			p = segment(p, vg.Point{X: r.Min.X, Y: y}, vg.Point{X: r.Max.X, Y: y})
		}
	}
	return p
}

// slanted adds lines at 45 degrees, rising (slope 1) or falling (-1). They go
// through the page's origin, so that neighbours fit together.
func slanted(p vg.Path, r vg.Rectangle, slope vg.Length) vg.Path {
	// A line is y = slope*x + c; the corners give the range of c.
	lo := r.Min.Y - max(slope*r.Min.X, slope*r.Max.X)
	hi := r.Max.Y - min(slope*r.Min.X, slope*r.Max.X)
	step := hatchGap * 1.4
	first := step * vg.Length(int(lo/step))
	for c := first; c < hi; c += step {
		// The part of the line between the rectangle's left and right, bottom and top.
		x0, x1 := r.Min.X, r.Max.X
		a, b := (r.Min.Y-c)/slope, (r.Max.Y-c)/slope
		x0, x1 = max(x0, min(a, b)), min(x1, max(a, b))
		if x0 < x1 {
			p = segment(p, vg.Point{X: x0, Y: slope*x0 + c}, vg.Point{X: x1, Y: slope*x1 + c})
		}
	}
	return p
}

func segment(p vg.Path, a, b vg.Point) vg.Path {
	p.Move(a)
	p.Line(b)
	return p
}

// box adds a rectangle to a path.
func box(p vg.Path, r vg.Rectangle) vg.Path {
	p.Move(r.Min)
	p.Line(vg.Point{X: r.Max.X, Y: r.Min.Y})
	p.Line(r.Max)
	p.Line(vg.Point{X: r.Min.X, Y: r.Max.Y})
	p.Close()
	return p
}

// look is how an area of one meaning looks: its fill, its hatch, its text.
type look struct {
	fill  color.Color
	hatch hatch
	over  color.Color // hatch lines and frame
	text  color.Color
}

// areas collects the areas of one look, to be drawn as a few paths however many
// they are.
type areas struct {
	fill, lines vg.Path
}

// framed is how wide and high an area must be for a frame: the frames of thinner
// ones would be all that one sees.
const framed = 4 * px

func (a *areas) add(l look, r vg.Rectangle) {
	a.fill = box(a.fill, r)
	a.lines = append(a.lines, l.hatch.lines(r)...)
	if size := r.Size(); min(size.X, size.Y) >= framed-px/100 {
		a.lines = box(a.lines, r)
	}
}

func (a *areas) draw(c vg.Canvas, l look) {
	if len(a.fill) == 0 || l.fill == nil {
		return
	}
	c.SetColor(l.fill)
	c.Fill(a.fill)
	if l.over != nil {
		stroke(c, line(hairline, l.over), a.lines)
	}
}

// draw draws one area in the look, with the first of the texts that has room.
func (l look) draw(c vg.Canvas, area vg.Rectangle, texts ...string) {
	var a areas
	a.add(l, area)
	a.draw(c, l)
	l.write(c, area, texts...)
}

// write writes the first of the texts that has room in the middle of an area of the
// look. A hatch is cleared behind the letters.
func (l look) write(c vg.Canvas, area vg.Rectangle, texts ...string) {
	size := area.Size()
	if l.text == nil || size.Y < smallSize*1.1 {
		return
	}
	style := centred(letters(smallSize, l.text))
	if l.text == color.Color(onDark) {
		style = bold(style) // light letters look thinner
	}
	text := firstFit(style, size.X-8*px, texts...)
	if text == "" {
		return
	}
	mid := vg.Point{X: (area.Min.X + area.Max.X) / 2, Y: (area.Min.Y + area.Max.Y) / 2}
	if l.hatch != plain {
		half := vg.Point{X: style.Width(text)/2 + 3*px, Y: min(smallSize*0.62, size.Y/2-px)}
		clear := box(nil, vg.Rectangle{Min: mid.Sub(half), Max: mid.Add(half)})
		c.SetColor(paper)
		c.Fill(clear)
		c.SetColor(l.fill)
		c.Fill(clear)
	}
	style.Handler.Draw(c, text, style, mid)
}
