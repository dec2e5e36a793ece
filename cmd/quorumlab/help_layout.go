package main

import (
	"fmt"
	"io"
	"regexp"
	"strings"
)

// A page of the manual is laid out for the terminal in three ways. Fenced blocks are printed verbatim,
// not wrapped. Tables become lines under a
// word, since their columns are too wide for 80 characters. All else is Markdown as in lessons.

// showPage shows a page of the manual.
func showPage(std streams, text string) error {
	prose := true // which has an empty line before and after it
	for _, p := range partsOf(forTerminal(text)) {
		if strings.TrimSpace(strings.Join(p.lines, "")) == "" {
			continue
		}
		if p.fenced || p.table {
			if !prose {
				fmt.Fprintln(std.out)
			}
			p.print(std.out)
			prose = false
			continue
		}
		if err := showMarkdown(std, strings.Join(p.lines, "\n")); err != nil {
			return err
		}
		prose = true
	}
	if !prose {
		fmt.Fprintln(std.out)
	}
	return nil
}

// print prints what is not prose.
func (p part) print(w io.Writer) {
	if p.fenced {
		printFenced(w, p.lines)
	} else {
		printRows(w, p.lines)
	}
}

// part is a piece of a page that is laid out in one way.
type part struct {
	lines         []string
	fenced, table bool
}

func partsOf(text string) (ps []part) {
	inFence, inCode, blank := false, false, true
	add := func(line string, fenced, table bool) {
		if n := len(ps); n > 0 && ps[n-1].fenced == fenced && ps[n-1].table == table {
			ps[n-1].lines = append(ps[n-1].lines, line)
			return
		}
		ps = append(ps, part{[]string{line}, fenced, table})
	}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "```"):
			if inFence = !inFence; !inFence {
				ps = append(ps, part{}) // two blocks in a row stay two
			}
		case inFence:
			add(line, true, false)
		case strings.HasPrefix(line, "    ") && (blank || inCode):
			add(line[4:], true, false)
		case strings.HasPrefix(line, "|"):
			add(line, false, true)
		default:
			add(line, false, false)
		}
		inCode = !inFence && strings.HasPrefix(line, "    ") && (blank || inCode)
		blank = strings.TrimSpace(line) == ""
	}
	return ps
}

// printFenced prints lines as they are, moved to the right if there is room.
func printFenced(w io.Writer, lines []string) {
	widest := 0
	for _, l := range lines {
		widest = max(widest, len([]rune(l)))
	}
	indent := strings.Repeat(" ", max(0, min(4, columns-widest)))
	for _, l := range lines {
		fmt.Fprintln(w, strings.TrimRight(indent+l, " "))
	}
}

// wordWidth is how long the first cells of two may be for the second ones to stand beside them.
const wordWidth = 26

// printRows prints a table: in columns if there is room, else the first cell of each row above or
// beside what the others say.
func printRows(w io.Writer, lines []string) {
	rows := [][]string{cellsOf(lines[0])}
	for _, line := range lines[min(2, len(lines)):] {
		rows = append(rows, cellsOf(line))
	}
	if !printColumns(w, rows) {
		beside := true
		for _, cells := range rows[1:] {
			beside = beside && len(cells) == 2 && len([]rune(cells[0])) <= wordWidth
		}
		for _, cells := range rows[1:] {
			printRow(w, rows[0], cells, beside)
		}
	}
}

// printColumns prints the rows in columns. False: they are too wide for that.
func printColumns(w io.Writer, rows [][]string) bool {
	widths := make([]int, len(rows[0]))
	total := 0
	for i := range widths {
		for _, cells := range rows {
			if i < len(cells) {
				widths[i] = max(widths[i], len([]rune(cells[i])))
			}
		}
		total += widths[i] + 2
	}
	if total > columns {
		return false
	}
	for _, cells := range rows {
		line := ""
		for i, c := range cells[:min(len(cells), len(widths))] {
			line += "  " + c + strings.Repeat(" ", widths[i]-len([]rune(c)))
		}
		if strings.TrimSpace(line) != "" { // some tables have no head
			fmt.Fprintln(w, strings.TrimRight(line, " "))
		}
	}
	return true
}

func printRow(w io.Writer, head, cells []string, beside bool) {
	if beside {
		hanging(w, fmt.Sprintf("  %-*s ", wordWidth, cells[0]), cells[1])
		return
	}
	text := ""
	if len(cells) <= 4 { // the last cell is a text, which needs no word before it
		text = cells[len(cells)-1]
		cells = cells[:len(cells)-1]
	}
	if cells[0] != "" {
		hanging(w, "  ", cells[0])
	}
	var said []string
	for i, c := range cells[1:] {
		if c != "" {
			said = append(said, strings.TrimPrefix(head[i+1]+": ", ": ")+c)
		}
	}
	for _, s := range []string{strings.Join(said, "; "), text} {
		if s != "" {
			hanging(w, "      ", s)
		}
	}
}

// cellsOf are the cells of a table's row, as plain text.
func cellsOf(line string) (cells []string) {
	line = strings.ReplaceAll(strings.Trim(strings.TrimSpace(line), "|"), `\|`, "\x00")
	for c := range strings.SplitSeq(line, "|") {
		c = strings.ReplaceAll(marksInCells.ReplaceAllString(c, ""), "\x00", "|")
		cells = append(cells, strings.TrimSpace(c))
	}
	return cells
}

// marksInCells are Markdown's signs for code and emphasis.
var marksInCells = regexp.MustCompile("`|\\*\\*")
