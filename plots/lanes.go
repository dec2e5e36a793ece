package plots

import (
	"fmt"
	"time"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Fault is a statement of the script as it was carried out: a band on every plot
// over time, or a mark when it was over at once.
type Fault struct {
	ID       uint64
	From, To time.Duration // equal for a mark
	Text     string
	Failed   bool // it could not be carried out
}

// Lasts tells whether the fault is a band.
func (f Fault) Lasts() bool { return f.To > f.From }

// mostLanes bounds how much of a page the faults take.
const mostLanes = 4

// lanes are the faults in rows above a plot, none over another.
type lanes struct {
	rows [][]slot
	more int // faults that found no place
}

// slot is a fault's place in a row: a band or a mark, and its text inside, or
// beside it when the band is too narrow.
type slot struct {
	fault      Fault
	from, to   vg.Length // the band on the page; equal for a mark
	text       vg.Length // where the text begins
	begin, end vg.Length // what the two take
}

func (l lanes) height() vg.Length {
	if len(l.rows) == 0 {
		return 0
	}
	return laneHeight*vg.Length(len(l.rows)) + 8*px
}

// stack places the faults that touch the plot's time. First it looks for rows in
// which every text has room; if that takes too many rows, texts are cut short.
func stack(faults []Fault, p *timePlot) lanes {
	var l lanes
	for _, wish := range []vg.Length{420 * px, 200 * px, 90 * px, 12 * px} {
		l = stackWith(faults, p, wish)
		if l.more == 0 {
			break
		}
	}
	return l
}

func stackWith(faults []Fault, p *timePlot, wish vg.Length) lanes {
	var l lanes
	for _, f := range faults {
		if f.To < p.from || f.From > p.to {
			continue
		}
		s := p.slot(f, wish)
		row := 0
		for row < len(l.rows) && l.rows[row][len(l.rows[row])-1].end > s.begin {
			row++
		}
		if row == mostLanes {
			l.more++
			continue
		}
		if row == len(l.rows) {
			l.rows = append(l.rows, nil)
		}
		l.rows[row] = append(l.rows[row], s)
	}
	return l
}

// slot lays out a fault whose text wishes for some room at most.
func (p *timePlot) slot(f Fault, wish vg.Length) slot {
	s := slot{fault: f, from: p.place(max(f.From, p.from)), to: p.place(min(f.To, p.to))}
	gap := 6 * px
	if s.from == s.to {
		gap = 12 * px // beside the mark
	}
	width := min(wish, laneText().Width(f.label()))
	s.text = s.from + gap
	s.begin, s.end = s.from-gap/2, max(s.to, s.text+width+2*px)+4*px
	if s.end > plotRight+margin && s.to-s.from < width && s.from-gap-width > plotLeft {
		s.text = s.from - gap - width
		s.begin, s.end = s.text, s.to+gap
	}
	return s
}

// place is where a moment stands on the page.
func (p *timePlot) place(at time.Duration) vg.Length {
	return plotLeft + (plotRight-plotLeft)*vg.Length(float64(at-p.from)/float64(max(p.to-p.from, 1)))
}

func (f Fault) label() string {
	if f.Failed {
		return "failed: " + f.Text
	}
	return f.Text
}

func laneText() draw.TextStyle { return letters(smallSize, ink) }

// bandLook is how the band of a fault looks.
func bandLook() look { return look{fill: vermillion.veil(0.22), over: vermillion, text: ink} }

func (l lanes) draw(s *sheet, top vg.Length) {
	var bands areas
	var marks, fails []vg.Point
	for i, r := range l.rows {
		y := top - laneHeight*(vg.Length(i)+0.5)
		for _, t := range r {
			switch mid := (vg.Point{X: t.from, Y: y}); {
			case t.fault.Failed:
				fails = append(fails, mid)
			case t.from == t.to:
				marks = append(marks, mid)
			default:
				bands.add(bandLook(), vg.Rectangle{
					Min: vg.Point{X: t.from, Y: y - laneHeight/2 + 2*px},
					Max: vg.Point{X: max(t.to, t.from+2*px), Y: y + laneHeight/2 - 2*px}})
			}
		}
	}
	bands.draw(s.Canvas, bandLook())
	mark{triangle, 7 * px, vermillion}.draw(s.Canvas, marks)
	mark{cross, 6 * px, vermillion}.draw(s.Canvas, fails)
	for i, r := range l.rows {
		l.texts(s, r, top-laneHeight*(vg.Length(i)+0.5))
	}
	label := "faults"
	if l.more > 0 {
		label = fmt.Sprintf("+%d more", l.more)
	}
	if len(l.rows) > 0 {
		s.text(letters(smallSize, muted), margin, top-laneHeight/2, label)
	}
}

// texts writes the statements of one row.
func (l lanes) texts(s *sheet, row []slot, y vg.Length) {
	for i, t := range row {
		until := plotRight + margin
		switch {
		case t.text < t.from:
			until = t.from
		case i+1 < len(row):
			until = row[i+1].begin
		}
		s.text(laneText(), t.text, y, fit(t.fault.label(), laneText(), until-t.text))
	}
}

// shades are the faults behind a plot's data: a veil for as long as each lasts, a
// dashed line where one was over at once.
func shades(faults []Fault, p *timePlot) inkFunc {
	return func(c draw.Canvas, at func(x, y float64) vg.Point) {
		var veil, moments vg.Path
		for _, f := range faults {
			if f.To < p.from || f.From > p.to {
				continue
			}
			x0, x1 := at(p.x(max(f.From, p.from)), p.Y.Min).X, at(p.x(min(f.To, p.to)), p.Y.Min).X
			if f.Lasts() {
				veil = box(veil, vg.Rectangle{Min: vg.Point{X: x0, Y: c.Min.Y}, Max: vg.Point{X: x1, Y: c.Max.Y}})
			} else {
				moments = segment(moments, vg.Point{X: x0, Y: c.Min.Y}, vg.Point{X: x0, Y: c.Max.Y})
			}
		}
		if len(veil) > 0 {
			c.SetColor(vermillion.veil(0.08))
			c.Fill(veil)
		}
		stroke(c, line(thinLine, vermillion.veil(0.6), 5*px, 4*px), moments)
	}
}
