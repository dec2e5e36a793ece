package main

import (
	"regexp"
	"strings"

	"charm.land/glamour/v2"
	"charm.land/glamour/v2/ansi"
	"charm.land/glamour/v2/styles"
	escapes "github.com/charmbracelet/x/ansi"

	"quorumlab/internal/text"
)

// showMarkdown shows a text: with bold letters and a few colours on a terminal, and
// elsewhere laid out without them.
func showMarkdown(std streams, source string) error {
	style := styles.NoTTYStyleConfig
	style.Code.Prefix, style.Code.Suffix = "`", "`"
	if isTerminal(std.out) {
		style = emphasized(style)
	}
	r, err := glamour.NewTermRenderer(glamour.WithStyles(style), glamour.WithWordWrap(columns-2-len("1. ")))
	if err != nil {
		return err
	}
	whole, restored := unbroken(unwrapped(text.Shown(source)))
	shown, err := r.Render(whole)
	if err != nil {
		return err
	}
	shown = restored(shown)
	if !isTerminal(std.out) {
		shown = escapes.Strip(shown) // links are escapes in every style
	}
	_, err = raw(std.out).Write([]byte(hangItems(text.TrimLines(shown))))
	return err
}

// The renderer breaks every line at its width, and at hyphens. It sees code in disguise.
const (
	hyphen    = "\u2011"     // in place of a hyphen in code between words: not broken at
	firstLine = rune(0xE000) // the first of the runes that stand for long lines of code: private to us
)

// unbroken disguises what has to stay in one piece, long lines of code and the hyphens of code in a
// sentence, and returns what takes the disguise off.
func unbroken(source string) (disguised string, restored func(string) string) {
	const long = 60
	back := []string{hyphen, "-"}
	lines := strings.Split(source, "\n")
	fenced, code, blank := false, false, true
	for i, line := range lines {
		fence := strings.HasPrefix(strings.TrimSpace(line), "```")
		code = !fenced && strings.HasPrefix(line, "    ") && (blank || code)
		blank = strings.TrimSpace(line) == ""
		switch {
		case fence:
			fenced = !fenced
		case fenced || code:
			if trimmed := strings.TrimLeft(line, " "); escapes.StringWidth(line) > long {
				mark := string(firstLine + rune(len(back)))
				lines[i] = line[:len(line)-len(trimmed)] + mark
				back = append(back, mark, trimmed)
			}
		default:
			lines[i] = inlineCode.ReplaceAllStringFunc(line, func(s string) string { return strings.ReplaceAll(s, "-", hyphen) })
		}
	}
	return strings.Join(lines, "\n"), strings.NewReplacer(back...).Replace
}

// inlineCode is code in a sentence.
var inlineCode = regexp.MustCompile("`[^`]+`")

// hangItems moves the further lines of an item in a list below its first word.
func hangItems(shown string) string {
	var out strings.Builder
	margin, hang := "", ""
	for line := range strings.Lines(shown) {
		plain := escapes.Strip(line)
		first := itemStart.FindStringSubmatch(plain)
		switch {
		case first != nil:
			margin, hang = first[1], strings.Repeat(" ", escapes.StringWidth(first[2]))
		case strings.TrimSpace(plain) == "" || !strings.HasPrefix(line, margin):
			hang = ""
		case hang != "":
			line = margin + hang + line[len(margin):]
		}
		out.WriteString(line)
	}
	return out.String()
}

// itemStart is the first line of an item as it is shown: its margin, and the mark.
var itemStart = regexp.MustCompile(`^( *)(• |[0-9]+\. )`)

// unwrapped joins the lines of a paragraph and of an item in a list: the renderer would keep
// their ends in a list, and break them once more. Code, tables and comments stay as they are.
func unwrapped(source string) string {
	var out []string
	fenced, joins := false, false // joins: the next line may go on with the last one
	for line := range strings.Lines(source) {
		line = strings.TrimRight(line, "\n")
		trimmed := strings.TrimSpace(line)
		fence := strings.HasPrefix(trimmed, "```")
		if joins && trimmed != "" && !fence && !blockStart.MatchString(trimmed) {
			out[len(out)-1] += " " + trimmed
			continue
		}
		out = append(out, line)
		fenced = fenced != fence
		code := fenced || fence || strings.HasPrefix(line, "    ") && !joins
		joins = trimmed != "" && !code && !strings.ContainsAny(trimmed[:1], "#|<")
	}
	return strings.Join(out, "\n")
}

// blockStart is the beginning of what is not the rest of a paragraph.
var blockStart = regexp.MustCompile(`^([-*+] |[0-9]+[.)] |#|>|\||<|---|===)`)

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
	s.Code.Prefix, s.Code.Suffix, s.Code.BlockPrefix, s.Code.BlockSuffix = "", "", "", ""
	return s
}
