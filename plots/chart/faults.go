package chart

import (
	"fmt"
	"time"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Fault is a statement of the script as it was carried out: a band on every plot
// over time, or a mark if it was over at once.
type Fault struct {
	ID       uint64
	From, To time.Duration // equal for a mark
	Text     string
	NotDone  string // how it was not carried out: "refused", "failed" and so on; empty: it was
}

// lasts reports whether the fault is a band.
func (f Fault) lasts() bool { return f.To > f.From }

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
	return laneHeight*vg.Length(len(l.rows)) + 8*Px
}

// stack places the faults that touch the plot's time. First it looks for rows in
// which every text has room; if that takes too many rows, texts are cut short.
func stack(faults []Fault, p *TimePlot) lanes {
	var l lanes
	for _, wish := range []vg.Length{420 * Px, 200 * Px, 90 * Px, 12 * Px} {
		l = stackWith(faults, p, wish)
		if l.more == 0 {
			break
		}
	}
	return l
}

func stackWith(faults []Fault, p *TimePlot, wish vg.Length) lanes {
	var l lanes
	for _, f := range faults {
		if f.To < p.From || f.From > p.To {
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
func (p *TimePlot) slot(f Fault, wish vg.Length) slot {
	s := slot{fault: f, from: p.Place(max(f.From, p.From)), to: p.Place(min(f.To, p.To))}
	gap := 6 * Px
	if s.from == s.to {
		gap = 12 * Px // beside the mark
	}
	width := min(wish, laneText().Width(f.label()))
	s.text = s.from + gap
	s.begin, s.end = s.from-gap/2, max(s.to, s.text+width+2*Px)+4*Px
	if s.end > PlotRight+margin && s.to-s.from < width && s.from-gap-width > PlotLeft {
		s.text = s.from - gap - width
		s.begin, s.end = s.text, s.to+gap
	}
	return s
}

// Place is where a moment is on the page.
func (p *TimePlot) Place(at time.Duration) vg.Length {
	return PlotLeft + (PlotRight-PlotLeft)*vg.Length(float64(at-p.From)/float64(max(p.To-p.From, 1)))
}

func (f Fault) label() string {
	if f.NotDone != "" {
		return f.NotDone + ": " + f.Text
	}
	return f.Text
}

func laneText() draw.TextStyle { return Letters(SmallSize, Ink) }

// bandLook is how the band of a fault looks.
func bandLook() Look { return Look{Fill: Vermillion.Veil(0.22), Over: Vermillion, Text: Ink} }

func (l lanes) draw(s *Sheet, top vg.Length) {
	var bands Areas
	var marks, fails []vg.Point
	for i, r := range l.rows {
		y := top - laneHeight*(vg.Length(i)+0.5)
		for _, t := range r {
			switch mid := (vg.Point{X: t.from, Y: y}); {
			case t.fault.NotDone != "":
				fails = append(fails, mid)
			case t.from == t.to:
				marks = append(marks, mid)
			default:
				bands.Add(bandLook(), vg.Rectangle{
					Min: vg.Point{X: t.from, Y: y - laneHeight/2 + 2*Px},
					Max: vg.Point{X: max(t.to, t.from+2*Px), Y: y + laneHeight/2 - 2*Px}})
			}
		}
	}
	bands.Draw(s.Canvas, bandLook())
	Marker{Triangle, 7 * Px, Vermillion}.Draw(s.Canvas, marks)
	Marker{Cross, 6 * Px, Vermillion}.Draw(s.Canvas, fails)
	for i, r := range l.rows {
		l.texts(s, r, top-laneHeight*(vg.Length(i)+0.5))
	}
	label := "script"
	if l.more > 0 {
		label = fmt.Sprintf("+%d more", l.more)
	}
	if len(l.rows) > 0 {
		s.Text(Letters(SmallSize, Muted), margin, top-laneHeight/2, label)
	}
}

// texts writes the statements of one row.
func (l lanes) texts(s *Sheet, row []slot, y vg.Length) {
	for i, t := range row {
		until := PlotRight + margin
		switch {
		case t.text < t.from:
			until = t.from
		case i+1 < len(row):
			until = row[i+1].begin
		}
		s.Text(laneText(), t.text, y, Fit(t.fault.label(), laneText(), until-t.text))
	}
}

// shades are the faults behind a plot's data: a veil for as long as each lasts, a
// dashed line where one was over at once.
func shades(faults []Fault, p *TimePlot) InkFunc {
	return func(c draw.Canvas, at func(x, y float64) vg.Point) {
		var veil, moments vg.Path
		for _, f := range faults {
			if f.To < p.From || f.From > p.To {
				continue
			}
			x0, x1 := at(p.At(max(f.From, p.From)), p.Y.Min).X, at(p.At(min(f.To, p.To)), p.Y.Min).X
			if f.lasts() {
				veil = Box(veil, vg.Rectangle{Min: vg.Point{X: x0, Y: c.Min.Y}, Max: vg.Point{X: x1, Y: c.Max.Y}})
			} else {
				moments = Segment(moments, vg.Point{X: x0, Y: c.Min.Y}, vg.Point{X: x0, Y: c.Max.Y})
			}
		}
		if len(veil) > 0 {
			c.SetColor(Vermillion.Veil(0.08))
			c.Fill(veil)
		}
		Stroke(c, Pen(ThinLine, Vermillion.Veil(0.6), 5*Px, 4*Px), moments)
	}
}
