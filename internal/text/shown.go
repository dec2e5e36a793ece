package text

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Obeyed reports whether a character is one that terminals, editors and browsers obey instead of showing it: a control
// character, a separator of lines, or one that changes the direction of what follows (bidi). Ends of lines and tabs
// are shown as what they are.
func Obeyed(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' || r == '\u2028' || r == '\u2029' ||
		unicode.Is(unicode.Bidi_Control, r)
}

// Shown is a text with each character that would be obeyed spelled as in JSON, like \u001b, and each byte that is not
// UTF-8 as \xff. So JSON stays JSON, with the same values.
func Shown(s string) string {
	var b strings.Builder
	for from := 0; from < len(s); {
		r, size := utf8.DecodeRuneInString(s[from:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[from])
		case Obeyed(r): // all of them are in the first plane
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteString(s[from : from+size])
		}
		from += size
	}
	return b.String()
}

// ShownLine is Shown for a text that must stay in its line, like a comment in a script.
func ShownLine(s string) string { return strings.ReplaceAll(Shown(s), "\n", `\n`) }

// CSV writes rows of a table for spreadsheets: cells are as Shown has them, and none is taken for a formula.
type CSV struct{ w *csv.Writer }

// NewCSV writes to w; Flush it at the end.
func NewCSV(w io.Writer) CSV { return CSV{csv.NewWriter(w)} }

// Write writes a row.
func (c CSV) Write(cells []string) error {
	row := make([]string, len(cells))
	for i, s := range cells {
		row[i] = cell(s)
	}
	return c.w.Write(row)
}

// Flush writes what is left, and returns the first error of all.
func (c CSV) Flush() error {
	c.w.Flush()
	return c.w.Error()
}

// WriteAll writes rows, and flushes.
func (c CSV) WriteAll(rows [][]string) error {
	for _, r := range rows {
		if err := c.Write(r); err != nil {
			return err
		}
	}
	return c.Flush()
}

// cell puts a quote before what a spreadsheet would compute: https://owasp.org/www-community/attacks/CSV_Injection.
func cell(s string) string {
	s = Shown(s)
	if s == "" || !strings.ContainsRune("=+-@\t\n", rune(s[0])) || s == "-" {
		return s
	}
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		return s
	}
	return "'" + s
}
