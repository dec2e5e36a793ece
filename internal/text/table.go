package text

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// narrowest is how narrow a column may become, in terminal columns.
const narrowest = 6

// Table writes rows in columns, each line after the indent. No column is dropped if a
// line of Columns is too short for all: the widest ones are narrowed and their long cells
// end in …, as far as that goes; after that lines are longer. Rows may have fewer cells
// than the first one, not more.
func Table(w io.Writer, indent string, rows [][]string) {
	widths := widthsOf(rows, Columns-ansi.StringWidth(indent))
	for _, row := range rows {
		line := indent
		for i, cell := range row {
			if i > 0 {
				line += gap
			}
			cell = ansi.Truncate(cell, widths[i], "…")
			line += cell + strings.Repeat(" ", widths[i]-ansi.StringWidth(cell))
		}
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
}

// gap is what stands between two columns.
const gap = "  "

// widthsOf are the columns' widths in a line of that room.
func widthsOf(rows [][]string, room int) []int {
	if len(rows) == 0 || len(rows[0]) == 0 {
		return nil
	}
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], ansi.StringWidth(cell))
		}
	}
	room -= len(gap) * (len(widths) - 1)
	for {
		sum, widest := 0, 0
		for i, width := range widths {
			sum += width
			if width > widths[widest] {
				widest = i
			}
		}
		if sum <= room || widths[widest] <= narrowest {
			return widths
		}
		widths[widest]--
	}
}
