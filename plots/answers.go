package plots

import (
	"cmp"
	"slices"
	"time"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"quorumlab/plots/chart"
	"quorumlab/sim"
)

func init() {
	register(Figure{
		Name:  "answers",
		Title: "Which members answered the clients, and how",
		About: "One row per member: the operations it answered, stacked by outcome, those without an answer at the time of " +
			"their call; the highest bar in the figure fills its row. The last row holds what no member answered.",
		Order:  45,
		Points: memberAnswers,
	})
}

// answersPoints are the operations by who answered them.
type answersPoints struct {
	Rows    []string // members, then the row for no answer
	Width   time.Duration
	Bars    [][]answersBar // by row, in order of time; none is empty
	Highest int            // operations in one bar
}

// answersBar counts what was answered in a window.
type answersBar struct {
	From time.Duration
	By   [answers]int
}

func memberAnswers(r *Run) (Points, error) {
	a := answersPoints{Rows: append(slices.Clone(r.Members), "nobody"), Width: windowFor(r.Span, len(r.Ops), 5, 100)}
	inOrder := slices.SortedStableFunc(slices.Values(r.Ops),
		func(a, b op) int { return cmp.Compare(a.counted(), b.counted()) })
	a.Bars = make([][]answersBar, len(a.Rows))
	known := false
	for _, o := range inOrder {
		if o.Outcome == sim.OutcomeNone {
			continue
		}
		row := len(r.Members)
		if r.member(o.Member) {
			row, known = int(o.Member-1), true
		}
		bars := &a.Bars[row]
		from := time.Duration(windowAt(o.counted(), r.Span, a.Width)) * a.Width
		if n := len(*bars); n == 0 || (*bars)[n-1].From != from {
			*bars = append(*bars, answersBar{From: from})
		}
		bar := &(*bars)[len(*bars)-1]
		bar.By[o.answer()]++
		a.Highest = max(a.Highest, sum(bar.By, answers))
	}
	if !known {
		return nil, chart.Nothing("the trace does not say which member answered")
	}
	return a, nil
}

func (a answersPoints) ink(s *chart.Sheet) {
	p := s.NewTimePlot(0, s.Span)
	p.Members(a.Rows)
	var keys []chart.Key
	for kind := range answers {
		if a.some(kind) {
			keys = append(keys, chart.AreaKey(kind.about(), kind.look()))
		}
		p.Add(chart.InkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) { a.bars(c, p, at, kind) }))
	}
	p.Add(chart.InkFunc(a.floors))
	s.DrawTimePlot(p, keys...)
}

// rowShare is how much of a row its highest bar fills.
const rowShare = 0.84

// bars draws one outcome in every row, on top of the outcomes before it.
func (a answersPoints) bars(c draw.Canvas, p *chart.TimePlot, at func(x, y float64) vg.Point, kind answer) {
	var bars chart.Areas
	scale := rowShare / float64(max(a.Highest, 1))
	for i, inRow := range a.Bars {
		floor := chart.Row(i, len(a.Rows)) - rowShare/2
		for _, b := range inRow {
			if b.By[kind] == 0 {
				continue
			}
			below := sum(b.By, kind)
			bars.Add(kind.look(), vg.Rectangle{
				Min: at(p.At(b.From), floor+float64(below)*scale),
				Max: at(p.At(min(b.From+a.Width, p.To)), floor+float64(below+b.By[kind])*scale),
			})
		}
	}
	bars.Draw(c, kind.look())
}

// floors draws a line under each row.
func (a answersPoints) floors(c draw.Canvas, at func(x, y float64) vg.Point) {
	var lines vg.Path
	for i := range a.Rows {
		y := at(0, chart.Row(i, len(a.Rows))-rowShare/2).Y
		lines = chart.Segment(lines, vg.Point{X: c.Min.X, Y: y}, vg.Point{X: c.Max.X, Y: y})
	}
	chart.Stroke(c, chart.Pen(chart.ThinLine, chart.Muted), lines)
}

func (a answersPoints) some(kind answer) bool {
	return slices.ContainsFunc(a.Bars, func(bars []answersBar) bool {
		return slices.ContainsFunc(bars, func(b answersBar) bool { return b.By[kind] > 0 })
	})
}
