package chart

import (
	"bytes"
	"image/png"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// asSVG is what draw puts on a page, as SVG. Whatever a text has in it, a browser shows it (Printable).
func asSVG(draw func(vg.CanvasSizer)) []byte {
	c := vgsvg.New(pageWidth, pageHeight)
	draw(c)
	var b bytes.Buffer
	c.WriteTo(&b) // a buffer takes everything
	return withFallbackFonts(bytes.Map(func(r rune) rune {
		if r == '\n' || r == '\t' { // of the file
			return r
		}
		return visible(r)
	}, bytes.ToValidUTF8(b.Bytes(), []byte("\ufffd"))))
}

// asPNG is the same as PNG.
func asPNG(draw func(vg.CanvasSizer)) ([]byte, error) {
	c := vgimg.NewWith(vgimg.UseWH(pageWidth, pageHeight), vgimg.UseDPI(int(vg.Inch/Px)))
	draw(c)
	var b bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, c.Image())
	return b.Bytes(), err
}

// withFallbackFonts names fonts of the same widths after the one that the layout
// was measured with: vgsvg names Liberation Sans alone, and a browser without it
// would take its serif font. Arial and Helvetica, one of which Windows, macOS and
// phones have, are as wide letter by letter.
func withFallbackFonts(svg []byte) []byte {
	return bytes.ReplaceAll(svg,
		[]byte("font-family:Liberation Sans;font-variant:normal;"),
		[]byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif;"))
}

// Draw draws a page with its header and what ink puts below it, as SVG, and as PNG too if asked.
func Draw(over, under string, ink func(*Sheet), withPNG bool) (svg, pixels []byte, err error) {
	draw := func(c vg.CanvasSizer) { ink(newPage(c, over, under)) }
	svg = asSVG(draw)
	if withPNG {
		pixels, err = asPNG(draw)
	}
	return svg, pixels, err
}
