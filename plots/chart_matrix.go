package plots

import (
	"fmt"

	"gonum.org/v1/plot/vg"
)

// Matrix is a panel of cells: what came of each row in each column.
type Matrix struct {
	Title   string
	Corner  string // what the rows are
	Columns []string
	Rows    []MatrixRow
	Remarks string // over the remarks at the right; empty: the rows have none
}

// MatrixRow is a row of as many cells as there are columns.
type MatrixRow struct {
	Name   string
	Cells  []Cell
	Remark string
}

// Cell is what came of a row in a column.
type Cell struct {
	Text string // in a few words
	Mood Mood
}

// Mood is how a cell looks.
type Mood uint8

// The moods. Blank is for what was not tried, Neutral for what is neither good nor bad.
const (
	Blank Mood = iota
	Good
	Partly
	Bad
	Neutral
)

func (m Mood) look() look {
	switch m {
	case Good:
		return look{fill: skyBlue, text: onLight}
	case Partly:
		return look{fill: yellow, hatch: falling, over: onLight, text: onLight}
	case Bad:
		return look{fill: vermillion, hatch: rising, over: onLight, text: onLight}
	case Neutral:
		return look{fill: pale, text: ink}
	}
	return look{}
}

func (m Matrix) check() error {
	if len(m.Rows) == 0 || len(m.Columns) == 0 {
		return nothing("the matrix has no cells")
	}
	for _, r := range m.Rows {
		if len(r.Cells) != len(m.Columns) {
			return fmt.Errorf("the row %q has %d cells for %d columns", r.Name, len(r.Cells), len(m.Columns))
		}
	}
	return nil
}

func (m Matrix) keys() []key { return nil } // the cells say what they are

func (m Matrix) inkPanel(s *sheet, area vg.Rectangle) {
	area = s.panelTitle(m.Title, area)
	name, remark := m.widths(area.Size().X)
	column := (area.Size().X - name - remark) / vg.Length(len(m.Columns))
	head := bold(letters(smallSize, ink))
	lines := 1
	for _, c := range m.Columns {
		lines = max(lines, len(wrap(c, head, column-8*px, 3)))
	}
	top := area.Max.Y
	s.text(head, area.Min.X, top-smallSize*0.6, m.Corner)
	for i, c := range m.Columns {
		for k, l := range wrap(c, head, column-8*px, 3) {
			s.text(centred(head), area.Min.X+name+column*(vg.Length(i)+0.5), top-smallSize*(0.6+1.15*vg.Length(k)), l)
		}
	}
	if remark > 0 {
		s.text(head, area.Max.X-remark+12*px, top-smallSize*0.6, m.Remarks)
	}
	top -= smallSize * (1.15*vg.Length(lines) + 0.3)
	height := min((top-area.Min.Y)/vg.Length(len(m.Rows)), 84*px)
	for i, r := range m.Rows {
		row := vg.Rectangle{Min: vg.Point{X: area.Min.X, Y: top - height*vg.Length(i+1)}, Max: vg.Point{X: area.Max.X, Y: top - height*vg.Length(i)}}
		m.inkRow(s, r, row, name, column, remark)
	}
}

// widths are those of the names and of the remarks.
func (m Matrix) widths(all vg.Length) (name, remark vg.Length) {
	style := letters(smallSize, ink)
	for _, r := range m.Rows {
		name = max(name, style.Width(r.Name)+14*px)
	}
	name = min(max(name, bold(style).Width(m.Corner)+14*px), all*0.3)
	if m.Remarks != "" {
		remark = all * 0.3
	}
	return name, remark
}

func (m Matrix) inkRow(s *sheet, r MatrixRow, row vg.Rectangle, name, column, remark vg.Length) {
	style := letters(smallSize, ink)
	mid := (row.Min.Y + row.Max.Y) / 2
	most := max(1, int(row.Size().Y/(smallSize*1.15)))
	s.lines(wrap(r.Name, style, name-8*px, most), row.Min.X, mid)
	for i, c := range r.Cells {
		cell := vg.Rectangle{
			Min: vg.Point{X: row.Min.X + name + column*vg.Length(i) + 3*px, Y: row.Min.Y + 3*px},
			Max: vg.Point{X: row.Min.X + name + column*vg.Length(i+1) - 3*px, Y: row.Max.Y - 3*px},
		}
		if c.Mood == Blank {
			stroke(s, line(thinLine, pale, 3*px, 5*px), box(nil, cell))
			continue
		}
		c.Mood.look().draw(s.Canvas, cell, c.Text)
	}
	if remark > 0 {
		s.lines(wrap(r.Remark, style, remark-12*px, most), row.Max.X-remark+12*px, mid)
	}
}

// lines writes lines of small letters around a height.
func (s *sheet) lines(ls []string, x, mid vg.Length) {
	for i, l := range ls {
		s.text(letters(smallSize, ink), x, mid+smallSize*1.15*(vg.Length(len(ls)-1)/2-vg.Length(i)), l)
	}
}
