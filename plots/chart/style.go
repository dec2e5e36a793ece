package chart

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	xfont "golang.org/x/image/font"
)

// The one style. Sizes are for a projector: a page of 1280 x 720 pixels, on which
// no letter is smaller than 16 pixels.
const (
	Px         = vg.Inch / 96
	pageWidth  = 1280 * Px
	pageHeight = 720 * Px
	margin     = 24 * Px

	titleSize  = 30 * Px
	TextSize   = 18 * Px // subtitle, axes, legend
	SmallSize  = 16 * Px // lanes, labels on data
	Hairline   = 1 * Px
	ThinLine   = 1.5 * Px
	ThickLine  = 3 * Px
	laneHeight = 26 * Px
)

// Colour is an opaque colour, 0xRRGGBB.
type Colour uint32

// RGBA implements color.Color.
func (h Colour) RGBA() (r, g, b, a uint32) {
	return uint32(h>>16) & 0xff * 0x101, uint32(h>>8) & 0xff * 0x101, uint32(h) & 0xff * 0x101, 0xffff
}

// Veil is the colour with an opacity from 0 to 1.
func (h Colour) Veil(opacity float64) color.Color {
	return color.NRGBA{uint8(h >> 16), uint8(h >> 8), uint8(h), uint8(opacity*255 + 0.5)}
}

// Colours that everybody can tell apart, by Okabe and Ito (2008),
// https://jfly.uni-koeln.de/color/. Nothing is told by colour alone: hatches,
// dashes, marks and labels repeat it.
const (
	Orange     Colour = 0xE69F00
	SkyBlue    Colour = 0x56B4E9
	Green      Colour = 0x009E73
	Yellow     Colour = 0xF0E442
	Blue       Colour = 0x0072B2
	Vermillion Colour = 0xD55E00
	Purple     Colour = 0xCC79A7
)

// The neutral colours. The report replaces them by those of its light or dark
// page, so nothing else may use just these values.
const (
	Paper Colour = 0xFEFEFE
	Ink   Colour = 0x1A2027
	Muted Colour = 0x56616D
	Grid  Colour = 0xDFE4E9
	Pale  Colour = 0xCBD5DE // followers, and whatever is as it should be
)

// OnDark is for text on a strong colour, on a light page and a dark one.
const OnDark Colour = 0xFFFFFF

// OnLight is for text on a light strong colour, on both pages.
const OnLight Colour = 0x111111

// Letters is a text style, aligned left and to the middle of its line.
func Letters(size vg.Length, c color.Color) text.Style {
	return text.Style{
		Color:   c,
		Font:    font.Font{Typeface: "Liberation", Variant: "Sans", Size: size},
		XAlign:  draw.XLeft,
		YAlign:  draw.YCenter,
		Handler: plot.DefaultTextHandler,
	}
}

func Bold(s text.Style) text.Style {
	s.Font.Weight = xfont.WeightBold
	return s
}

func Centred(s text.Style) text.Style {
	s.XAlign = draw.XCenter
	return s
}

func Pen(w vg.Length, c color.Color, dashes ...vg.Length) draw.LineStyle {
	return draw.LineStyle{Color: c, Width: w, Dashes: dashes}
}

// MemberColours tell members apart where each has a line of its own; widths and
// dashes say the same again.
var MemberColours = [...]Colour{Blue, Vermillion, Green, Orange, SkyBlue, Purple, Muted}

// MemberLine is the line of member i (from 0) of n. Later members have thinner
// lines, so that those below them stay visible where all go together.
func MemberLine(i, n int) draw.LineStyle {
	width := 2*Px + 7*Px*vg.Length(n-1-i)/vg.Length(max(n, 2))
	s := Pen(width, MemberColours[i%len(MemberColours)])
	if i >= len(MemberColours) {
		s.Dashes = []vg.Length{10 * Px, 5 * Px}
	}
	return s
}
