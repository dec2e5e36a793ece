package plots

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
	px         = vg.Inch / 96
	pageWidth  = 1280 * px
	pageHeight = 720 * px
	margin     = 24 * px

	titleSize  = 30 * px
	textSize   = 18 * px // subtitle, axes, legend
	smallSize  = 16 * px // lanes, labels on data
	hairline   = 1 * px
	thinLine   = 1.5 * px
	thickLine  = 3 * px
	laneHeight = 26 * px
)

// hex is an opaque colour, 0xRRGGBB.
type hex uint32

// RGBA implements color.Color.
func (h hex) RGBA() (r, g, b, a uint32) {
	return uint32(h>>16) & 0xff * 0x101, uint32(h>>8) & 0xff * 0x101, uint32(h) & 0xff * 0x101, 0xffff
}

// veil is the colour with an opacity from 0 to 1.
func (h hex) veil(opacity float64) color.Color {
	return color.NRGBA{uint8(h >> 16), uint8(h >> 8), uint8(h), uint8(opacity*255 + 0.5)}
}

// The colours that all people can tell apart, by Okabe and Ito (2008),
// https://jfly.uni-koeln.de/color/. Nothing is told by colour alone: hatches,
// dashes, marks and labels say it again.
const (
	orange     hex = 0xE69F00
	skyBlue    hex = 0x56B4E9
	green      hex = 0x009E73
	yellow     hex = 0xF0E442
	blue       hex = 0x0072B2
	vermillion hex = 0xD55E00
	purple     hex = 0xCC79A7
)

// The neutral colours. The report replaces them by those of its light or dark
// page, so nothing else may use just these values.
const (
	paper hex = 0xFEFEFE
	ink   hex = 0x1A2027
	muted hex = 0x56616D
	grid  hex = 0xDFE4E9
	pale  hex = 0xCBD5DE // followers, and whatever is as it should be
)

// onDark is for text on a strong colour, on a light page and a dark one.
const onDark hex = 0xFFFFFF

// onLight is for text on a light strong colour, on both pages.
const onLight hex = 0x111111

// letters is a text style, aligned left and to the middle of its line.
func letters(size vg.Length, c color.Color) text.Style {
	return text.Style{
		Color:   c,
		Font:    font.Font{Typeface: "Liberation", Variant: "Sans", Size: size},
		XAlign:  draw.XLeft,
		YAlign:  draw.YCenter,
		Handler: plot.DefaultTextHandler,
	}
}

func bold(s text.Style) text.Style {
	s.Font.Weight = xfont.WeightBold
	return s
}

func centred(s text.Style) text.Style {
	s.XAlign = draw.XCenter
	return s
}

func line(w vg.Length, c color.Color, dashes ...vg.Length) draw.LineStyle {
	return draw.LineStyle{Color: c, Width: w, Dashes: dashes}
}

// memberColours tell members apart where each has a line of its own; widths and
// dashes say the same again.
var memberColours = [...]hex{blue, vermillion, green, orange, skyBlue, purple, muted}

// memberLine is the line of member i (from 0) of n. Later members have thinner
// lines, so that those below them stay visible where all go together.
func memberLine(i, n int) draw.LineStyle {
	width := 2*px + 7*px*vg.Length(n-1-i)/vg.Length(max(n, 2))
	s := line(width, memberColours[i%len(memberColours)])
	if i >= len(memberColours) {
		s.Dashes = []vg.Length{10 * px, 5 * px}
	}
	return s
}
