package plots

import (
	"image/color"
	"sort"
	"strings"
	"unicode"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// printable replaces what neither SVG nor HTML can hold, or what would break a
// line: control characters and broken UTF-8. Text of a trace goes through it.
func printable(s string) string { return strings.Map(visible, strings.ToValidUTF8(s, "\ufffd")) }

// paragraphs is printable for texts of several lines.
func paragraphs(s string) string {
	ls := strings.Split(s, "\n")
	for i, l := range ls {
		ls[i] = printable(strings.ReplaceAll(l, "\t", "    "))
	}
	return strings.Join(ls, "\n")
}

func visible(r rune) rune {
	if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == '\ufffe' || r == '\uffff' {
		return '\ufffd'
	}
	return r
}

// fit shortens s with an ellipsis until it has room. It is empty if there is not
// even room for two letters.
func fit(s string, style text.Style, room vg.Length) string {
	if style.Width(s) <= room {
		return s
	}
	rs := []rune(s)
	n := sort.Search(len(rs), func(n int) bool { return style.Width(string(rs[:n+1])+"…") > room })
	if n < 2 {
		return ""
	}
	return strings.TrimRight(string(rs[:n]), " ") + "…"
}

// wrap breaks s between words into lines that have room, at most so many: the last
// one ends with an ellipsis if more would follow.
func wrap(s string, style text.Style, room vg.Length, most int) (lines []string) {
	words := strings.Fields(s)
	for len(words) > 0 && len(lines) < most-1 {
		n := 1
		for n < len(words) && style.Width(strings.Join(words[:n+1], " ")) <= room {
			n++
		}
		lines = append(lines, fit(strings.Join(words[:n], " "), style, room))
		words = words[n:]
	}
	if len(words) > 0 {
		lines = append(lines, fit(strings.Join(words, " "), style, room))
	}
	return lines
}

// firstFit is the first of the texts that has room, or empty.
func firstFit(style text.Style, room vg.Length, texts ...string) string {
	for _, s := range texts {
		if style.Width(s) <= room {
			return s
		}
	}
	return ""
}

// on writes the first of the texts that has room on an area of a look, in its
// middle. A hatch is cleared behind the letters.
func on(c vg.Canvas, l look, area vg.Rectangle, texts ...string) {
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
