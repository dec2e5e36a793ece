package plots

import (
	"slices"
	"time"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"quorumlab/sim"
)

func init() {
	register(Figure{
		Name:  "answers",
		Title: "Which member answered the clients, and how",
		About: "One row a member: operations that it answered, stacked by outcome; the highest bar of the picture fills its row. " +
			"The last row holds what no member answered.",
		Order:  45,
		Points: memberAnswers,
	})
}

// AnswersPoints are the operations by who answered them.
type AnswersPoints struct {
	Rows    []string // members, then the row for no answer
	Width   time.Duration
	Counts  [][][answers]int // by row and window of the answer
	Highest int              // in one row and window
}

func memberAnswers(r *Run) (Points, error) {
	a := AnswersPoints{Rows: append(slices.Clone(r.Members), "nobody"), Width: windowWidth(r.Span, 100)}
	for range a.Rows {
		a.Counts = append(a.Counts, make([][answers]int, windows(r.Span, a.Width)))
	}
	known := false
	for _, o := range r.Ops {
		if o.Outcome == sim.OutcomeNone {
			continue
		}
		row := len(r.Members)
		if r.member(o.Member) {
			row, known = int(o.Member-1), true
		}
		n := &a.Counts[row][windowAt(o.Return, r.Span, a.Width)]
		n[o.answer()]++
		a.Highest = max(a.Highest, sum(*n))
	}
	if !known {
		return nil, nothing("the trace does not say which member answered")
	}
	return a, nil
}

func sum(by [answers]int) (n int) {
	for _, c := range by {
		n += c
	}
	return n
}

func (a AnswersPoints) ink(s *sheet) {
	p := s.newTimePlot(0, s.run.Span)
	p.members(a.Rows)
	var keys []key
	for kind := range answers {
		if a.some(kind) {
			keys = append(keys, areaKey(kind.about(), kind.look()))
		}
		p.Add(inkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) { a.bars(c, p, at, kind) }))
	}
	p.Add(inkFunc(a.floors))
	s.drawTimePlot(p, keys...)
}

// rowShare is how much of a row its highest bar fills.
const rowShare = 0.84

// bars draws one outcome in every row, on top of the outcomes before it.
func (a AnswersPoints) bars(c draw.Canvas, p *timePlot, at func(x, y float64) vg.Point, kind answer) {
	var bars areas
	scale := rowShare / float64(max(a.Highest, 1))
	for i, counts := range a.Counts {
		floor := row(i, len(a.Rows)) - rowShare/2
		for w, by := range counts {
			if by[kind] == 0 {
				continue
			}
			below := 0
			for k := range kind {
				below += by[k]
			}
			from := time.Duration(w) * a.Width
			bars.add(kind.look(), vg.Rectangle{
				Min: at(p.x(from), floor+float64(below)*scale),
				Max: at(p.x(min(from+a.Width, p.to)), floor+float64(below+by[kind])*scale),
			})
		}
	}
	bars.draw(c, kind.look())
}

// floors draws a line under each row.
func (a AnswersPoints) floors(c draw.Canvas, at func(x, y float64) vg.Point) {
	var lines vg.Path
	for i := range a.Rows {
		y := at(0, row(i, len(a.Rows))-rowShare/2).Y
		lines = segment(lines, vg.Point{X: c.Min.X, Y: y}, vg.Point{X: c.Max.X, Y: y})
	}
	stroke(c, line(thinLine, muted), lines)
}

func (a AnswersPoints) some(kind answer) bool {
	return slices.ContainsFunc(a.Counts, func(ws [][answers]int) bool {
		return slices.ContainsFunc(ws, func(by [answers]int) bool { return by[kind] > 0 })
	})
}
