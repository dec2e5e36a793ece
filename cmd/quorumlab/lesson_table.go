package main

import (
	"fmt"
	"io"
	"strings"

	"quorumlab/lessons"
)

// printTable lays a table out in columns, as far as a line has room: cells that are too
// long for it are cut, and the CSV has them whole.
func printTable(w io.Writer, t lessons.Table) {
	rows := append([][]string{t.Head}, t.Rows...)
	widths := make([]int, len(t.Head))
	for _, row := range rows {
		for i, c := range row {
			widths[i] = max(widths[i], len([]rune(c)))
		}
	}
	for _, row := range rows {
		line := " "
		for i, c := range row {
			line += " " + c + strings.Repeat(" ", widths[i]-len([]rune(c))) + " "
		}
		cells := []rune(strings.TrimRight(line, " "))
		if len(cells) > columns {
			cells = append(cells[:columns-1], '…')
		}
		fmt.Fprintln(w, string(cells))
	}
}

// trimLines removes the blanks with which a renderer fills its lines.
func trimLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " ")
	}
	return strings.Join(lines, "\n")
}

// printIndented prints for programs.
func printIndented(w io.Writer, v any) error {
	b, err := indented(v)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}
