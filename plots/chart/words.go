package chart

import (
	"sort"
	"strings"
	"unicode"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// Printable replaces what SVG or HTML can't hold, what would break a line, and what would turn the direction of the
// text: control characters, bidi controls and broken UTF-8. Text from a trace goes through it.
func Printable(s string) string { return strings.Map(visible, strings.ToValidUTF8(s, "\ufffd")) }

func visible(r rune) rune {
	if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == '\ufffe' || r == '\uffff' ||
		unicode.Is(unicode.Bidi_Control, r) {
		return '\ufffd'
	}
	return r
}

// Fit shortens s with an ellipsis until it fits. It is empty if there is not even
// room for two letters.
func Fit(s string, style text.Style, room vg.Length) string {
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

// Wrap breaks s between words into lines that fit, up to a number: the last one ends
// with an ellipsis if more would follow.
func Wrap(s string, style text.Style, room vg.Length, most int) (lines []string) {
	words := strings.Fields(s)
	for len(words) > 0 && len(lines) < most-1 {
		n := 1
		for n < len(words) && style.Width(strings.Join(words[:n+1], " ")) <= room {
			n++
		}
		lines = append(lines, Fit(strings.Join(words[:n], " "), style, room))
		words = words[n:]
	}
	if len(words) > 0 {
		lines = append(lines, Fit(strings.Join(words, " "), style, room))
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
