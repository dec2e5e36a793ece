package plots

import (
	"time"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"quorumlab/plots/chart"
)

func init() {
	register(Figure{
		Name:  "throughput",
		Title: "How many operations per second were answered",
		About: "Stacked by outcome: answered ones at the time of the answer, " +
			"failed and unknown ones at the time of the call. " +
			"The line is what the clients asked for: where it is above the bars, operations wait. " +
			"Unknown: the client gave up and can't tell whether the write took effect.",
		Order:  40,
		Points: throughput,
	})
}

// throughputPoints are the operations by window.
type throughputPoints struct {
	Width   time.Duration
	Windows []throughputWindow // all of the run
}

// throughputWindow counts the operations asked for and answered in a window.
type throughputWindow struct {
	From  time.Duration
	Asked int
	By    [answers]int
}

func throughput(r *Run) (Points, error) {
	if len(r.Ops) == 0 {
		return nil, chart.Nothing("there were no client operations")
	}
	t := throughputPoints{Width: windowFor(r.Span, len(r.Ops), 5, 100)}
	for i := range fullWindows(r.Span, t.Width) {
		t.Windows = append(t.Windows, throughputWindow{From: time.Duration(i) * t.Width})
	}
	for _, o := range r.Ops {
		t.Windows[fullWindowAt(o.Call, r.Span, t.Width)].Asked++
		t.Windows[fullWindowAt(o.counted(), r.Span, t.Width)].By[o.answer()]++
	}
	return t, nil
}

// rate is a count in a window as operations a second. The last window ends with the run.
func (t throughputPoints) rate(n int, w throughputWindow, span time.Duration) float64 {
	width := fullWindowEnd(w.From, span, t.Width) - w.From
	return float64(n) / max(width, time.Microsecond).Seconds()
}

func (t throughputPoints) ink(s *chart.Sheet) {
	p := s.NewTimePlot(0, s.Span)
	p.Y.Min, p.Y.Max = 0, t.highest(s.Span)*1.05
	p.YLabel = "operations per second (1/s)"
	p.Y.Tick.Marker = chart.RoundTicks{Most: 8}
	p.Add(chart.Horizontals(p.Plot))
	asked := chart.Pen(chart.ThickLine, chart.Ink, 4*chart.Px, 3*chart.Px)
	keys := []chart.Key{chart.LineKey("asked for", asked)}
	for a := range answers {
		if t.some(a) {
			keys = append(keys, chart.AreaKey(a.about(), a.look()))
			p.Add(chart.InkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) { t.bars(c, p, at, a) }))
		}
	}
	p.Add(chart.InkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
		var path vg.Path
		for i, w := range t.Windows {
			y := t.rate(w.Asked, w, p.To)
			a, b := at(p.At(w.From), y), at(p.At(fullWindowEnd(w.From, p.To, t.Width)), y)
			if i == 0 {
				path.Move(a)
			} else {
				path.Line(a)
			}
			path.Line(b)
		}
		chart.Stroke(c, asked, path)
	}))
	s.DrawTimePlot(p, keys...)
}

// bars draws one outcome of every window, on top of the outcomes before it.
func (t throughputPoints) bars(c draw.Canvas, p *chart.TimePlot, at func(x, y float64) vg.Point, a answer) {
	var bars chart.Areas
	for _, w := range t.Windows {
		if w.By[a] == 0 {
			continue
		}
		below := sum(w.By, a)
		bars.Add(a.look(), vg.Rectangle{
			Min: at(p.At(w.From), t.rate(below, w, p.To)),
			Max: at(p.At(fullWindowEnd(w.From, p.To, t.Width)), t.rate(below+w.By[a], w, p.To)),
		})
	}
	bars.Draw(c, a.look())
}

func (t throughputPoints) some(a answer) bool {
	for _, w := range t.Windows {
		if w.By[a] > 0 {
			return true
		}
	}
	return false
}

func (t throughputPoints) highest(span time.Duration) float64 {
	top := 1.0
	for _, w := range t.Windows {
		top = max(top, t.rate(max(sum(w.By, answers), w.Asked), w, span))
	}
	return top
}
