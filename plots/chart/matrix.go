package chart

import (
	"fmt"

	"gonum.org/v1/plot/vg"
)

// Matrix is a panel of cells: the outcome of each row in each column.
type Matrix struct {
	Title   string
	Corner  string // what the rows are
	Columns []string
	Rows    []MatrixRow
	Remarks string // heading of the remarks at the right; empty: the rows have none
}

// MatrixRow is a row of as many cells as there are columns.
type MatrixRow struct {
	Name   string
	Cells  []Cell
	Remark string
}

// Cell is the outcome of a row in a column.
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

func (m Mood) Look() Look {
	switch m {
	case Good:
		return Look{Fill: SkyBlue, Text: OnLight}
	case Partly:
		return Look{Fill: Yellow, Hatch: Falling, Over: OnLight, Text: OnLight}
	case Bad:
		return Look{Fill: Vermillion, Hatch: Rising, Over: OnLight, Text: OnLight}
	case Neutral:
		return Look{Fill: Pale, Text: Ink}
	}
	return Look{}
}

func (m Matrix) check() error {
	if len(m.Rows) == 0 || len(m.Columns) == 0 {
		return Nothing("the matrix has no cells")
	}
	for _, r := range m.Rows {
		if len(r.Cells) != len(m.Columns) {
			return fmt.Errorf("the row %q has %d cells for %d columns", r.Name, len(r.Cells), len(m.Columns))
		}
	}
	return nil
}

func (m Matrix) keys() []Key { return nil } // the cells say what they are

func (m Matrix) inkPanel(s *Sheet, area vg.Rectangle) {
	area = s.panelTitle(m.Title, area)
	name, remark := m.widths(area.Size().X)
	column := (area.Size().X - name - remark) / vg.Length(len(m.Columns))
	head := Bold(Letters(SmallSize, Ink))
	lines := 1
	for _, c := range m.Columns {
		lines = max(lines, len(Wrap(c, head, column-8*Px, 3)))
	}
	top := area.Max.Y
	s.Text(head, area.Min.X, top-SmallSize*0.6, m.Corner)
	for i, c := range m.Columns {
		for k, l := range Wrap(c, head, column-8*Px, 3) {
			s.Text(Centred(head), area.Min.X+name+column*(vg.Length(i)+0.5), top-SmallSize*(0.6+1.15*vg.Length(k)), l)
		}
	}
	if remark > 0 {
		s.Text(head, area.Max.X-remark+12*Px, top-SmallSize*0.6, m.Remarks)
	}
	top -= SmallSize * (1.15*vg.Length(lines) + 0.3)
	height := min((top-area.Min.Y)/vg.Length(len(m.Rows)), 84*Px)
	for i, r := range m.Rows {
		row := vg.Rectangle{Min: vg.Point{X: area.Min.X, Y: top - height*vg.Length(i+1)},
			Max: vg.Point{X: area.Max.X, Y: top - height*vg.Length(i)}}
		m.inkRow(s, r, row, name, column, remark)
	}
}

// widths are those of the names and of the remarks.
func (m Matrix) widths(all vg.Length) (name, remark vg.Length) {
	style := Letters(SmallSize, Ink)
	for _, r := range m.Rows {
		name = max(name, style.Width(r.Name)+14*Px)
	}
	name = min(max(name, Bold(style).Width(m.Corner)+14*Px), all*0.3)
	if m.Remarks != "" {
		remark = all * 0.3
	}
	return name, remark
}

func (m Matrix) inkRow(s *Sheet, r MatrixRow, row vg.Rectangle, name, column, remark vg.Length) {
	style := Letters(SmallSize, Ink)
	mid := (row.Min.Y + row.Max.Y) / 2
	most := max(1, int(row.Size().Y/(SmallSize*1.15)))
	s.Lines(Wrap(r.Name, style, name-8*Px, most), row.Min.X, mid)
	for i, c := range r.Cells {
		cell := vg.Rectangle{
			Min: vg.Point{X: row.Min.X + name + column*vg.Length(i) + 3*Px, Y: row.Min.Y + 3*Px},
			Max: vg.Point{X: row.Min.X + name + column*vg.Length(i+1) - 3*Px, Y: row.Max.Y - 3*Px},
		}
		if c.Mood == Blank {
			Stroke(s, Pen(ThinLine, Pale, 3*Px, 5*Px), Box(nil, cell))
			continue
		}
		c.Mood.Look().Draw(s.Canvas, cell, c.Text)
	}
	if remark > 0 {
		s.Lines(Wrap(r.Remark, style, remark-12*Px, most), row.Max.X-remark+12*Px, mid)
	}
}

// Lines writes lines of small text around a height.
func (s *Sheet) Lines(ls []string, x, mid vg.Length) {
	for i, l := range ls {
		s.Text(Letters(SmallSize, Ink), x, mid+SmallSize*1.15*(vg.Length(len(ls)-1)/2-vg.Length(i)), l)
	}
}
