package plots

import (
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// key is an entry of a legend: a swatch of what is drawn and what it means.
type key struct {
	label  string
	swatch func(c vg.Canvas, r vg.Rectangle)
}

const (
	swatchWidth  = 34 * px
	swatchHeight = 18 * px
	legendLine   = 30 * px
)

// legend draws the entries in lines at the bottom of the sheet, never over data.
func (s *sheet) legend(keys ...key) {
	if len(keys) == 0 {
		return
	}
	style := letters(textSize, ink)
	lines := legendLines(keys, style, s.space.Size().X)
	y := s.space.Min.Y + legendLine*vg.Length(len(lines)) - legendLine/2
	for _, l := range lines {
		x := s.space.Min.X
		for _, k := range l {
			k.swatch(s.Canvas, vg.Rectangle{
				Min: vg.Point{X: x, Y: y - swatchHeight/2},
				Max: vg.Point{X: x + swatchWidth, Y: y + swatchHeight/2},
			})
			s.text(style, x+swatchWidth+8*px, y, k.label)
			x += keyWidth(k, style)
		}
		y -= legendLine
	}
	s.space.Min.Y += legendLine*vg.Length(len(lines)) + 6*px
}

// once leaves out the entries whose label another has before them: panels share a legend.
func once(keys []key) (kept []key) {
	for _, k := range keys {
		if !slices.ContainsFunc(kept, func(other key) bool { return other.label == k.label }) {
			kept = append(kept, k)
		}
	}
	return kept
}

func keyWidth(k key, style draw.TextStyle) vg.Length {
	return swatchWidth + style.Width(k.label) + 34*px
}

// legendLines breaks the entries into lines that fit the width.
func legendLines(keys []key, style draw.TextStyle, width vg.Length) [][]key {
	var lines [][]key
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

// areaKey is the entry for areas of a look.
func areaKey(label string, l look) key {
	return key{label, func(c vg.Canvas, r vg.Rectangle) {
		l.draw(c, r)
	}}
}

// lineKey is the entry for lines of a style.
func lineKey(label string, s draw.LineStyle) key {
	return key{label, func(c vg.Canvas, r vg.Rectangle) {
		y := (r.Min.Y + r.Max.Y) / 2
		stroke(c, s, segment(nil, vg.Point{X: r.Min.X, Y: y}, vg.Point{X: r.Max.X, Y: y}))
	}}
}

// markKey is the entry for marks, such as the dots of a cloud.
func markKey(label string, m mark) key {
	return key{label, func(c vg.Canvas, r vg.Rectangle) {
		mid := (r.Min.Y + r.Max.Y) / 2
		var ps []vg.Point
		for _, share := range []vg.Length{0.2, 0.5, 0.8} {
			ps = append(ps, vg.Point{X: r.Min.X + share*(r.Max.X-r.Min.X), Y: mid})
		}
		m.draw(c, ps)
	}}
}
