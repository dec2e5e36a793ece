package scenarios

import (
	"bytes"
	"fmt"
	"regexp"
	"unicode/utf8"

	"github.com/goccy/go-yaml/token"
)

// source is a text that settings come from: the file, or one override.
type source struct {
	name  string
	lines []string
	flat  bool // an override: places in it have no line number
}

// lineBreak is what YAML takes for one.
var lineBreak = regexp.MustCompile(`\r\n?|\n`)

// withoutMark is a text without the byte order mark that some editors begin a UTF-8 file with. YAML allows it.
func withoutMark(text []byte) []byte { return bytes.TrimPrefix(text, []byte("\ufeff")) }

func newSource(name, text string) *source {
	return &source{name: name, lines: lineBreak.Split(text, -1)}
}

// at is where a token stands. The parser places what is left out behind the end of
// the line; that is brought back to it.
func (s *source) at(t *token.Token) place {
	p := place{s, t.Position.Line, t.Position.Column}
	p.line = min(max(p.line, 1), len(s.lines))
	p.column = min(max(p.column, 1), utf8.RuneCountInString(p.text())+1)
	return p
}

// byte is where a byte of the source's whole text stands.
func (s *source) byte(text string, offset int) place {
	before := lineBreak.Split(text[:offset], -1)
	last := len(before) - 1
	return place{s, last + 1, utf8.RuneCountInString(before[last]) + 1}
}

// place is a character of a source; line and column count from 1.
type place struct {
	src          *source
	line, column int
}

func (p place) problem(format string, args ...any) PlacedProblem {
	out := PlacedProblem{Source: p.src.name, Line: p.line, Column: p.column, Text: p.text(),
		Err: fmt.Errorf(format, args...)}
	if p.src.flat {
		out.Line = 0
	}
	return out
}

// text is the place's line.
func (p place) text() string {
	if p.line < 1 || p.line > len(p.src.lines) {
		return ""
	}
	return p.src.lines[p.line-1]
}

// rest is the place's line from the place on.
func (p place) rest() []rune {
	runes := []rune(p.text())
	return runes[min(max(p.column-1, 0), len(runes)):]
}
