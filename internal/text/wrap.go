package text

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Columns is the width of texts that are not laid out for a particular terminal: results
// can be piped, sent over a socket and compared.
const Columns = 80

// Hanging writes a text after a label in lines of at most Columns, its other lines
// indented to match. Lines break between words; a word that is longer than a line stays
// whole, so that an address or a command can be copied. The writer's errors are ignored:
// callers that need them write to a buffer first.
func Hanging(w io.Writer, label, words string) {
	indent := strings.Repeat(" ", ansi.StringWidth(label))
	line := label
	for i, word := range strings.Fields(words) {
		if i > 0 && ansi.StringWidth(line)+1+ansi.StringWidth(word) > Columns {
			fmt.Fprintln(w, line)
			line = indent
		} else if i > 0 {
			line += " "
		}
		line += word
	}
	fmt.Fprintln(w, line)
}

// TrimLines removes the blanks at the ends of lines.
func TrimLines(lines string) string {
	all := strings.Split(lines, "\n")
	for i, l := range all {
		all[i] = strings.TrimRight(l, " ")
	}
	return strings.Join(all, "\n")
}
