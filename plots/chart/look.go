package chart

import (
	"image/color"

	"gonum.org/v1/plot/vg"
)

// hatch is a pattern of lines over an area, for those who see no colours.
type hatch uint8

const (
	plain   hatch = iota
	Rising        // ///
	Falling       // \\\
	Crossed       // both ways
	Upright       // |||
	Level         // ===
)

// String is the hatch's name, empty for a plain area.
func (h hatch) String() string {
	return [...]string{"", "rising", "falling", "crossed", "upright", "level"}[h]
}

// hatchGap is the distance between two lines of a hatch.
const hatchGap = 8 * Px

// lines is the hatch of a rectangle, to be stroked.
func (h hatch) lines(r vg.Rectangle) vg.Path {
	var p vg.Path
	switch h {
	case Rising:
		p = slanted(p, r, 1)
	case Falling:
		p = slanted(p, r, -1)
	case Crossed:
		p = slanted(slanted(p, r, 1), r, -1)
	case Upright:
		for x := r.Min.X + hatchGap/2; x < r.Max.X; x += hatchGap {
			p = Segment(p, vg.Point{X: x, Y: r.Min.Y}, vg.Point{X: x, Y: r.Max.Y})
		}
	case Level:
		for y := r.Min.Y + hatchGap/2; y < r.Max.Y; y += hatchGap {
			p = Segment(p, vg.Point{X: r.Min.X, Y: y}, vg.Point{X: r.Max.X, Y: y})
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
			p = Segment(p, vg.Point{X: x0, Y: slope*x0 + c}, vg.Point{X: x1, Y: slope*x1 + c})
		}
	}
	return p
}

func Segment(p vg.Path, a, b vg.Point) vg.Path {
	p.Move(a)
	p.Line(b)
	return p
}

// Box adds a rectangle to a path.
func Box(p vg.Path, r vg.Rectangle) vg.Path {
	p.Move(r.Min)
	p.Line(vg.Point{X: r.Max.X, Y: r.Min.Y})
	p.Line(r.Max)
	p.Line(vg.Point{X: r.Min.X, Y: r.Max.Y})
	p.Close()
	return p
}

// Look is how an area of one meaning looks: its fill, its hatch, its text.
type Look struct {
	Fill  color.Color
	Hatch hatch
	Over  color.Color // hatch lines and frame
	Text  color.Color
}

// Areas collects the areas of one look, to be drawn as a few paths however many
// they are.
type Areas struct {
	fill, lines vg.Path
}

// framed is how wide and high an area must be for a frame: the frames of thinner
// ones would be all that one sees.
const framed = 4 * Px

func (a *Areas) Add(l Look, r vg.Rectangle) {
	a.fill = Box(a.fill, r)
	a.lines = append(a.lines, l.Hatch.lines(r)...)
	if size := r.Size(); min(size.X, size.Y) >= framed-Px/100 {
		a.lines = Box(a.lines, r)
	}
}

func (a *Areas) Draw(c vg.Canvas, l Look) {
	if len(a.fill) == 0 || l.Fill == nil {
		return
	}
	c.SetColor(l.Fill)
	c.Fill(a.fill)
	if l.Over != nil {
		Stroke(c, Pen(Hairline, l.Over), a.lines)
	}
}

// Draw draws one area in the look, with the first of the texts that has room.
func (l Look) Draw(c vg.Canvas, area vg.Rectangle, texts ...string) {
	var a Areas
	a.Add(l, area)
	a.Draw(c, l)
	l.Write(c, area, texts...)
}

// Write writes the first of the texts that has room in the middle of an area of the
// look. A hatch is cleared behind the letters.
func (l Look) Write(c vg.Canvas, area vg.Rectangle, texts ...string) {
	size := area.Size()
	if l.Text == nil || size.Y < SmallSize*1.1 {
		return
	}
	style := Centred(Letters(SmallSize, l.Text))
	if l.Text == color.Color(OnDark) {
		style = Bold(style) // light letters look thinner
	}
	text := firstFit(style, size.X-8*Px, texts...)
	if text == "" {
		return
	}
	mid := vg.Point{X: (area.Min.X + area.Max.X) / 2, Y: (area.Min.Y + area.Max.Y) / 2}
	if l.Hatch != plain {
		half := vg.Point{X: style.Width(text)/2 + 3*Px, Y: min(SmallSize*0.62, size.Y/2-Px)}
		behind := Box(nil, vg.Rectangle{Min: mid.Sub(half), Max: mid.Add(half)})
		c.SetColor(Paper)
		c.Fill(behind)
		c.SetColor(l.Fill)
		c.Fill(behind)
	}
	style.Handler.Draw(c, text, style, mid)
}
