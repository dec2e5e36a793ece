package plottest

import (
	"bytes"
	"encoding/xml"
	"image/color"
	"image/png"
	"io"
	"math"
	"testing"
)

// CheckPNG decodes a PNG of the size that all have.
func CheckPNG(t *testing.T, b []byte) {
	t.Helper()
	im, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if b := im.Bounds(); b.Dx() != 1280 || b.Dy() != 720 {
		t.Errorf("the PNG is %d x %d", b.Dx(), b.Dy())
	}
}

// CheckSVG parses an SVG, and finds text of the title, no place that is not a
// number, and no font without a fallback.
func CheckSVG(t *testing.T, svg []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(svg))
	for {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
	}
	for _, bad := range []string{"NaN", "Inf", "font-family:Liberation Sans;"} {
		if bytes.Contains(svg, []byte(bad)) {
			t.Errorf("the SVG has %q", bad)
		}
	}
	if len(svg) > 200_000 {
		t.Errorf("the SVG has %d bytes", len(svg))
	}
}

// over is what an eye sees of a colour with opacity on a ground.
func over(c, ground color.Color) color.Color {
	r, g, b, a := c.RGBA()
	gr, gg, gb, _ := ground.RGBA()
	mix := func(c, g uint32) uint16 { return uint16(c + g*(0xffff-a)/0xffff) }
	return color.RGBA64{mix(r, gr), mix(g, gg), mix(b, gb), 0xffff}
}

// Contrast is WCAG's contrast ratio of letters on an area, which may be seen through, of a page.
func Contrast(letters, area, page color.Color) float64 {
	a, b := letters, over(area, page)
	light := func(c color.Color) float64 {
		linear := func(v uint32) float64 {
			s := float64(v) / 0xffff
			if s <= 0.04045 {
				return s / 12.92
			}
			return math.Pow((s+0.055)/1.055, 2.4)
		}
		r, g, b, _ := c.RGBA()
		return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
	}
	la, lb := light(a), light(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}
