package text

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// narrowest is how narrow a column becomes at most, in terminal columns, when its cells are wrapped.
const narrowest = 8

// Table writes rows in columns, each line behind the indent; the first row is the heads. Nothing is cut:
// where a line of Columns has no room for all, the cells of the widest columns are wrapped between words,
// and where not even their longest words have room, each row is written as a block of lines, one a cell
// behind its head. Rows may have fewer cells than the first one, not more.
func Table(w io.Writer, indent string, rows [][]string) {
	widths, fits := widthsOf(rows, Columns-ansi.StringWidth(indent))
	if !fits {
		stack(w, indent, rows)
		return
	}
	for _, row := range rows {
		writeRow(w, indent, row, widths)
	}
}

// gap is what stands between two columns.
const gap = "  "

// writeRow writes a row, in as many lines as its highest cell has.
func writeRow(w io.Writer, indent string, row []string, widths []int) {
	cells, height := make([][]string, len(row)), 1
	for i, cell := range row {
		cells[i] = wrap(cell, widths[i])
		height = max(height, len(cells[i]))
	}
	for k := range height {
		line := indent
		for i, lines := range cells {
			if i > 0 {
				line += gap
			}
			cell := ""
			if k < len(lines) {
				cell = lines[k]
			}
			line += cell + strings.Repeat(" ", widths[i]-ansi.StringWidth(cell))
		}
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
}

// wrap breaks a cell into lines of a width. A cell that fits stays as it is.
func wrap(cell string, width int) []string {
	if ansi.StringWidth(cell) <= width {
		return []string{cell}
	}
	var lines []string
	line := ""
	for i, word := range strings.Fields(cell) {
		switch {
		case i == 0:
			line = word
		case ansi.StringWidth(line)+1+ansi.StringWidth(word) > width:
			lines, line = append(lines, line), word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}

// stack writes each row as a block of lines, with a blank one between two.
func stack(w io.Writer, indent string, rows [][]string) {
	heads, widest := rows[0], 0
	for _, head := range heads {
		widest = max(widest, ansi.StringWidth(head))
	}
	for i, row := range rows[1:] {
		if i > 0 {
			fmt.Fprintln(w)
		}
		for k, cell := range row {
			label := indent + heads[k] + strings.Repeat(" ", widest-ansi.StringWidth(heads[k])) + gap
			if ansi.StringWidth(label) > Columns/2 {
				fmt.Fprintln(w, strings.TrimRight(label, " "))
				label = indent + gap
			}
			Hanging(w, label, cell)
		}
	}
	if len(rows) == 1 {
		Hanging(w, indent, strings.Join(heads, gap))
	}
}

// widthsOf are the columns' widths in a line of that room, and whether there are such.
func widthsOf(rows [][]string, room int) (widths []int, fits bool) {
	if len(rows) == 0 || len(rows[0]) == 0 {
		return nil, true
	}
	widths = make([]int, len(rows[0]))
	least := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], ansi.StringWidth(cell))
			for _, word := range strings.Fields(cell) {
				least[i] = max(least[i], ansi.StringWidth(word))
			}
		}
	}
	room -= len(gap) * (len(widths) - 1)
	for {
		sum, widest := 0, -1
		for i, width := range widths {
			sum += width
			if width > max(least[i], narrowest) && (widest < 0 || width > widths[widest]) {
				widest = i
			}
		}
		if sum <= room {
			return widths, true
		}
		if widest < 0 {
			return nil, false
		}
		widths[widest]--
	}
}
