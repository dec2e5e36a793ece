package chart

import (
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Key is an entry of a legend: a swatch of what is drawn and what it means.
type Key struct {
	Label  string
	Swatch func(c vg.Canvas, r vg.Rectangle)
}

const (
	SwatchWidth  = 34 * Px
	swatchHeight = 18 * Px
	legendLine   = 30 * Px
)

// Legend draws the entries in lines at the bottom of the sheet, never over data.
func (s *Sheet) Legend(keys ...Key) {
	if len(keys) == 0 {
		return
	}
	style := Letters(TextSize, Ink)
	lines := legendLines(keys, style, s.Space.Size().X)
	y := s.Space.Min.Y + legendLine*vg.Length(len(lines)) - legendLine/2
	for _, l := range lines {
		x := s.Space.Min.X
		for _, k := range l {
			k.Swatch(s.Canvas, vg.Rectangle{
				Min: vg.Point{X: x, Y: y - swatchHeight/2},
				Max: vg.Point{X: x + SwatchWidth, Y: y + swatchHeight/2},
			})
			s.Text(style, x+SwatchWidth+8*Px, y, k.Label)
			x += keyWidth(k, style)
		}
		y -= legendLine
	}
	s.Space.Min.Y += legendLine*vg.Length(len(lines)) + 6*Px
}

// Once leaves out entries whose label occurred before: panels share a legend.
func Once(keys []Key) (kept []Key) {
	for _, k := range keys {
		if !slices.ContainsFunc(kept, func(other Key) bool { return other.Label == k.Label }) {
			kept = append(kept, k)
		}
	}
	return kept
}

func keyWidth(k Key, style draw.TextStyle) vg.Length {
	return SwatchWidth + style.Width(k.Label) + 34*Px
}

// legendLines breaks the entries into lines that fit the width.
func legendLines(keys []Key, style draw.TextStyle, width vg.Length) [][]Key {
	var lines [][]Key
	var used vg.Length
	for _, k := range keys {
		w := keyWidth(k, style)
		if len(lines) == 0 || used+w > width {
			lines = append(lines, nil)
			used = 0
		}
		lines[len(lines)-1] = append(lines[len(lines)-1], k)
		used += w
	}
	return lines
}

// AreaKey is the entry for areas of a look.
func AreaKey(label string, l Look) Key {
	return Key{label, func(c vg.Canvas, r vg.Rectangle) {
		l.Draw(c, r)
	}}
}

// LineKey is the entry for lines of a style.
func LineKey(label string, s draw.LineStyle) Key {
	return Key{label, func(c vg.Canvas, r vg.Rectangle) {
		y := (r.Min.Y + r.Max.Y) / 2
		Stroke(c, s, Segment(nil, vg.Point{X: r.Min.X, Y: y}, vg.Point{X: r.Max.X, Y: y}))
	}}
}

// MarkKey is the entry for marks, such as the dots of a cloud.
func MarkKey(label string, m Marker) Key {
	return Key{label, func(c vg.Canvas, r vg.Rectangle) {
		mid := (r.Min.Y + r.Max.Y) / 2
		var ps []vg.Point
		shares := []vg.Length{0.2, 0.5, 0.8}
		if 3*2*m.Size > r.Size().X*0.8 { // large ones would run into each other
			shares = []vg.Length{0.5}
		}
		for _, share := range shares {
			ps = append(ps, vg.Point{X: r.Min.X + share*(r.Max.X-r.Min.X), Y: mid})
		}
		m.Draw(c, ps)
	}}
}
