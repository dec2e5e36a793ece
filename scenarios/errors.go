package scenarios

import (
	"fmt"
	"strings"

	"quorumlab/internal/text"
)

// Error is everything that is wrong with a scenario, in the order of the text.
type Error struct{ Problems []PlacedProblem }

// shown is how many problems Error prints; the others can wait until these are fixed.
const shown = 20

// Error lists the problems, each with its line shown.
func (e *Error) Error() string {
	var texts []string
	for i, p := range e.Problems {
		if i == shown {
			texts = append(texts, fmt.Sprintf("and %d more", len(e.Problems)-shown))
			break
		}
		texts = append(texts, p.Error())
	}
	return strings.Join(texts, "\n")
}

// PlacedProblem is one thing that is wrong at one place in the text.
type PlacedProblem struct {
	Source string // the file as named to Parse, or the override as "--set PATH=VALUE"
	Line   int    // from 1; 0 in an override, which is one line
	Column int    // from 1, in characters
	Text   string // the line
	Err    error
}

// Error is FILE:LINE:COLUMN: what is wrong, then the line with a mark under the
// place.
func (p PlacedProblem) Error() string {
	where := text.ShownLine(p.Source) // an override may have any character
	if p.Line > 0 {
		where = fmt.Sprintf("%s:%d:%d", p.Source, p.Line, p.Column)
	}
	head := where + ": " + p.Err.Error()
	if strings.TrimSpace(p.Text) == "" {
		return head
	}
	line, mark := excerpt(p.Text, p.Column)
	return head + "\n  " + line + "\n  " + mark + "^"
}

// Unwrap returns the error without its place.
func (p PlacedProblem) Unwrap() error { return p.Err }

// wide is how many characters of a long line are shown.
const wide = 100

// excerpt is the part of a line around a column, and the blanks that put a mark
// under it.
func excerpt(line string, column int) (part, blanks string) {
	runes := []rune(line)
	at := min(max(column-1, 0), len(runes))
	from, to := 0, len(runes)
	if to > wide {
		from = max(0, at-wide/2)
		to = min(len(runes), from+wide)
	}
	pad := func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}
	part, blanks = string(runes[from:to]), strings.Map(pad, string(runes[from:at]))
	if from > 0 {
		part, blanks = "..."+part, "   "+blanks
	}
	if to < len(runes) {
		part += "..."
	}
	return strings.TrimRight(part, " \t"), blanks
}
