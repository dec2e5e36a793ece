package plots

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"quorumlab/internal/stats"
	"quorumlab/plots/chart"
)

func init() {
	register(Figure{
		Name:  "latency",
		Title: "How long each operation took",
		About: "Each mark is an operation, at the time of its call. The lines are percentiles of the " +
			"operations that succeeded: half of them were faster than p50, 99 in 100 faster than p99. " +
			"The scale is logarithmic: each grid line is ten times slower than the one below. Marks on the lower edge were " +
			"faster still.",
		Order:  30,
		Points: latencies,
	})
}

// latencyPoints are the operations' latencies, thinned out, and their percentiles
// over windows.
type latencyPoints struct {
	Clouds  [answers][]latencyPoint // in order of time; those too near to another are left out
	Width   time.Duration           // of a window
	Windows []latencyWindow         // those in which an operation succeeded
}

// latencyPoint is an operation.
type latencyPoint struct{ Call, Took time.Duration }

// latencyWindow sums up the successful operations called in a window.
type latencyWindow struct {
	From          time.Duration
	N             int
	P50, P90, P99 time.Duration
}

func latencies(r *Run) (Points, error) {
	l := latencyPoints{Width: windowFor(r.Span, len(r.Ops), 20, 60)}
	if len(r.Ops) == 0 {
		return nil, chart.Nothing("there were no client operations")
	}
	took := make([][]time.Duration, fullWindows(r.Span, l.Width))
	for _, o := range r.Ops {
		a := o.answer()
		if o.Outcome == 0 {
			continue // it never returned: there is no latency
		}
		l.Clouds[a] = append(l.Clouds[a], latencyPoint{o.Call, o.took()})
		if a == answered {
			w := fullWindowAt(o.Call, r.Span, l.Width)
			took[w] = append(took[w], o.took())
		}
	}
	for i, ds := range took {
		if len(ds) > 0 {
			slices.Sort(ds)
			l.Windows = append(l.Windows, latencyWindow{time.Duration(i) * l.Width, len(ds),
				stats.Quantile(ds, 0.5), stats.Quantile(ds, 0.9), stats.Quantile(ds, 0.99)})
		}
	}
	for a := range l.Clouds {
		l.Clouds[a] = thin(l.Clouds[a], r.Span)
	}
	if l.empty() {
		return nil, chart.Nothing("no operation returned")
	}
	return l, nil
}

func (l latencyPoints) empty() bool {
	return !slices.ContainsFunc(l.Clouds[:], func(c []latencyPoint) bool { return len(c) > 0 })
}

// mostDots bounds a cloud. A picture of 1,100 pixels shows no more.
const mostDots = 2500

// thin keeps one point of each cell of a grid, the first, and coarsens the grid
// until few enough are left.
func thin(ps []latencyPoint, span time.Duration) []latencyPoint {
	for columns := 400; len(ps) > mostDots; columns = columns * 4 / 5 {
		type cell struct{ x, y int }
		seen := map[cell]bool{}
		var kept []latencyPoint
		for _, p := range ps {
			c := cell{int(int64(p.Call) * int64(columns) / int64(span)), int(math.Log10(float64(max(p.Took,
				1))) * float64(columns) / 8)}
			if !seen[c] {
				seen[c] = true
				kept = append(kept, p)
			}
		}
		ps = kept
	}
	return ps
}

// shortestTook is where the logarithmic scale begins at the latest.
const shortestTook = 10 * time.Microsecond

func (l latencyPoints) ink(s *chart.Sheet) {
	p := s.NewTimePlot(0, s.Span)
	lo, hi := l.bounds()
	p.Y.Min, p.Y.Max = ms(lo), ms(hi)
	p.Y.Scale = plot.LogScale{}
	p.Y.Tick.Marker = decades{}
	p.YLabel = "latency"
	p.Add(chart.Horizontals(p.Plot))
	var keys []chart.Key
	for _, a := range []answer{answered, unknown, failed} { // crosses stay visible on triangles
		if len(l.Clouds[a]) == 0 {
			continue
		}
		m := l.mark(a)
		keys = append(keys, chart.MarkKey(a.about(), m))
		p.Add(chart.InkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
			var ps []vg.Point
			for _, o := range l.Clouds[a] {
				ps = append(ps, at(p.At(o.Call), ms(max(o.Took, lo))))
			}
			m.Draw(c, ps)
		}))
	}
	for _, q := range percentileLines {
		if len(l.Windows) == 0 {
			break
		}
		keys = append(keys, chart.LineKey(q.label, q.style))
		p.Add(chart.InkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) { l.line(c, p, at, q) }))
	}
	s.DrawTimePlot(p, keys...)
}

// ms is a time on the scale of latencies, in milliseconds.
func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func (l latencyPoints) mark(a answer) chart.Marker {
	m := chart.Marker{Shape: a.shape(), Size: 4.5 * chart.Px, Color: a.colour()}
	if a == answered {
		m.Size, m.Color = 1.6*chart.Px, chart.SkyBlue
	}
	return m
}

// percentileLine is how one percentile is drawn.
type percentileLine struct {
	label string
	of    func(latencyWindow) time.Duration
	style draw.LineStyle
}

var percentileLines = []percentileLine{
	{"p50", func(w latencyWindow) time.Duration { return w.P50 }, chart.Pen(chart.ThickLine, chart.Blue)},
	{"p90", func(w latencyWindow) time.Duration { return w.P90 }, chart.Pen(chart.ThickLine, chart.Green, 12*chart.Px,
		4*chart.Px)},
	{"p99", func(w latencyWindow) time.Duration { return w.P99 }, chart.Pen(chart.ThickLine, chart.Ink, 3*chart.Px,
		4*chart.Px)},
}

// line draws a percentile as steps over its windows, with gaps where nothing
// succeeded.
func (l latencyPoints) line(c draw.Canvas, p *chart.TimePlot, at func(x, y float64) vg.Point, q percentileLine) {
	var path vg.Path
	for i, w := range l.Windows {
		v := ms(max(q.of(w), shortestTook))
		a, b := at(p.At(w.From), v), at(p.At(fullWindowEnd(w.From, p.To, l.Width)), v)
		if i == 0 || l.Windows[i-1].From+l.Width != w.From {
			path.Move(a)
		} else {
			path.Line(a)
		}
		path.Line(b)
	}
	chart.Stroke(c, q.style, path)
}

// bounds are powers of ten around the latencies. What was answered sets the lower
// one: a refusal takes next to no time, and would squeeze all else to the top.
func (l latencyPoints) bounds() (lo, hi time.Duration) {
	least := l.Clouds[answered]
	if len(least) == 0 {
		least = slices.Concat(l.Clouds[:]...)
	}
	lo = max(slices.MinFunc(least, byTook).Took, shortestTook)
	hi = slices.MaxFunc(slices.Concat(l.Clouds[:]...), byTook).Took
	floor := shortestTook
	for floor*10 <= lo {
		floor *= 10
	}
	top := floor * 10
	for top < hi {
		top *= 10
	}
	return floor, top
}

func byTook(a, b latencyPoint) int { return cmp.Compare(a.Took, b.Took) }

// decades are ticks at the powers of ten of milliseconds, with small ones between.
type decades struct{}

// Ticks implements plot.Ticker.
func (decades) Ticks(lo, hi float64) []plot.Tick {
	var ts []plot.Tick
	for d := shortestTook; ms(d) <= hi*1.0001; d *= 10 {
		for m := time.Duration(1); m < 10; m++ {
			if v := ms(m * d); v >= lo*0.9999 && v <= hi*1.0001 {
				t := plot.Tick{Value: v}
				if m == 1 {
					t.Label = powerLabel(d)
				}
				ts = append(ts, t)
			}
		}
	}
	return ts
}

// powerLabel writes a power of ten of time with its unit.
func powerLabel(d time.Duration) string {
	switch {
	case d >= time.Second:
		return strconv.FormatInt(int64(d/time.Second), 10) + " s"
	case d >= time.Millisecond:
		return strconv.FormatInt(int64(d/time.Millisecond), 10) + " ms"
	}
	return strconv.FormatInt(int64(d/time.Microsecond), 10) + " µs"
}
