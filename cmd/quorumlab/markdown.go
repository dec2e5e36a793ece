package main

import (
	"io"

	"charm.land/glamour/v2"
	"charm.land/glamour/v2/ansi"
	"charm.land/glamour/v2/styles"
	"golang.org/x/term"
)

// showMarkdown shows a text: with bold letters and a few colours on a terminal, and
// elsewhere laid out without them.
func showMarkdown(io streams, text string) error {
	style := styles.NoTTYStyleConfig
	if isTerminal(io.out) {
		style = emphasized(style)
	}
	r, err := glamour.NewTermRenderer(glamour.WithStyles(style), glamour.WithWordWrap(columns-2))
	if err != nil {
		return err
	}
	shown, err := r.Render(text)
	if err != nil {
		return err
	}
	_, err = io.out.Write([]byte(trimLines(shown)))
	return err
}

// emphasized adds what can be read on a light terminal as well as on a dark one, without
// asking the terminal which it is: not all answer.
func emphasized(s ansi.StyleConfig) ansi.StyleConfig {
	yes, cyan := true, "6"
	for _, h := range []*ansi.StyleBlock{&s.Heading, &s.H1, &s.H2, &s.H3} {
		h.Bold = &yes
	}
	s.H1.Underline = &yes
	s.Strong.Bold, s.Emph.Italic = &yes, &yes
	s.Code.Color, s.CodeBlock.Color = &cyan, &cyan
	s.Strong.BlockPrefix, s.Strong.BlockSuffix, s.Emph.BlockPrefix, s.Emph.BlockSuffix = "", "", "", ""
	s.Code.BlockPrefix, s.Code.BlockSuffix = "", ""
	return s
}

// isTerminal tells whether somebody looks.
func isTerminal(w io.Writer) bool {
	f, ok := w.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(int(f.Fd()))
}
