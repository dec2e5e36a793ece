package plots

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"quorumlab/plots/chart"
	"quorumlab/sim"
	"quorumlab/sim/compare"
)

// agreementFigures are drawn, as far as a comparison has them: one that has a value a run
// and one that has a value an operation.
var agreementMeasures = []struct {
	name, label string
	logarithmic bool
}{
	{"failover", "failover time per run (ms)", false},
	{"latency.put", "put latency", true},
}

// Agreement draws what two engines gave for a scenario as empirical distributions, both
// engines on one axis: for each time, the share of the runs, or of the puts, that took no
// longer. ErrNothing: neither engine had a failover or a put.
func Agreement(c compare.Agreement) (svg, png []byte, err error) {
	panels := agreementPanels(c)
	if len(panels) == 0 {
		return nil, nil, chart.Nothing("no run had a failover or an answered put")
	}
	over, under := agreementTitle(c)
	return chart.Draw(over, under, func(s *chart.Sheet) { inkAgreement(s, c, panels) }, true)
}

func agreementTitle(c compare.Agreement) (over, under string) {
	under = c.Title
	if under == "" {
		under = c.Name
	}
	return "How well " + c.Model.Engine + " predicts " + c.Real.Engine,
		chart.Printable(fmt.Sprintf("%s · %d runs on %s, %d on %s", under, c.Real.N, c.Real.Engine, c.Model.N,
			c.Model.Engine))
}

// agreementPanel is a measure with the stretch of its axis.
type agreementPanel struct {
	row         compare.Row
	label       string
	logarithmic bool
	lo, hi      float64
}

func agreementPanels(c compare.Agreement) (ps []agreementPanel) {
	for _, f := range agreementMeasures {
		i := slices.IndexFunc(c.Rows, func(r compare.Row) bool { return r.Measure == f.name })
		if i < 0 {
			continue
		}
		p := agreementPanel{row: c.Rows[i], label: f.label, logarithmic: f.logarithmic}
		p.bounds()
		ps = append(ps, p)
	}
	return ps
}

// bounds are around both samples: a tenth of their stretch, or round numbers on a
// logarithmic axis.
func (p *agreementPanel) bounds() {
	all := slices.Concat(p.row.Real, p.row.Model)
	least, most := slices.Min(all), slices.Max(all)
	if p.logarithmic {
		least = max(least, ms(shortestTook))
		p.lo, p.hi = roundDown(least), roundDown(least)
		for p.hi <= most {
			p.hi = roundDown(p.hi * 2.6) // from 1 to 2, 2 to 5, 5 to 10
		}
		return
	}
	air := max((most-least)/10, 1)
	p.lo, p.hi = max(0, least-air), most+air
}

// roundDown is the largest of 1, 2 and 5 times a power of ten that is not above v.
func roundDown(v float64) float64 {
	v *= 1 + 1e-9
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{5, 2} {
		if m*power <= v {
			return m * power
		}
	}
	return power
}

// roundTimes are ticks at each of those numbers, of milliseconds; over more than two
// powers of ten only these have labels.
type roundTimes struct{}

// Ticks implements plot.Ticker.
func (roundTimes) Ticks(lo, hi float64) (ts []plot.Tick) {
	wide := hi > 100*lo
	for v := roundDown(lo); v <= hi*1.0001; v = roundDown(v * 2.6) {
		t := plot.Tick{Value: v}
		if !wide || v == math.Pow(10, math.Round(math.Log10(v))) {
			t.Label = sim.Millis.FormatValue(v)
		}
		ts = append(ts, t)
	}
	return ts
}

// The two engines' lines: the real one is wide and below, the model's is dashed.
var (
	realLine  = chart.Pen(5*chart.Px, chart.Orange)
	modelLine = chart.Pen(chart.ThickLine, chart.Blue, 10*chart.Px, 4*chart.Px)
)

func inkAgreement(s *chart.Sheet, c compare.Agreement, panels []agreementPanel) {
	s.Legend(chart.LineKey(c.Real.Engine, realLine), chart.LineKey(c.Model.Engine, modelLine))
	const gap = 40 * chart.Px
	width := (s.Space.Size().X - gap*vg.Length(len(panels)-1)) / vg.Length(len(panels))
	for i, p := range panels {
		area := s.Space
		area.Min.X += vg.Length(i) * (width + gap)
		area.Max.X = area.Min.X + width
		p.ink(s, area)
	}
}

func (p agreementPanel) ink(s *chart.Sheet, area vg.Rectangle) {
	s.Text(chart.Letters(chart.TextSize, chart.Ink), area.Min.X, area.Max.Y-chart.TextSize*0.6, p.verdict())
	area.Max.Y -= chart.TextSize * 1.7
	pl := chart.NewPlot()
	pl.X.Min, pl.X.Max, pl.X.Label.Text = p.lo, p.hi, p.label
	pl.X.Tick.Marker = chart.RoundTicks{Most: 6}
	if p.logarithmic {
		pl.X.Scale, pl.X.Tick.Marker = plot.LogScale{}, roundTimes{}
	}
	pl.Y.Min, pl.Y.Max = 0, 1
	pl.Y.Tick.Marker = chart.ShareTicks{}
	pl.Add(chart.Horizontals(pl), p.curve(p.row.Real, realLine), p.curve(p.row.Model, modelLine))
	pl.Draw(chart.FrameBetween(pl, draw.Canvas{Canvas: s.Canvas, Rectangle: area}, area.Min.X+62*chart.Px,
		area.Max.X-24*chart.Px))
}

// verdict says how far apart the two are.
func (p agreementPanel) verdict() string {
	format := func(s compare.Sample) string {
		if len(s) == 0 {
			return "none"
		}
		return p.row.Unit.FormatValue(s.Median())
	}
	return fmt.Sprintf("medians %s and %s, KS distance %.2f", format(p.row.Real), format(p.row.Model), p.row.Distance())
}

// curve is an empirical distribution from the left edge to the right one.
func (p agreementPanel) curve(s compare.Sample, style draw.LineStyle) plot.Plotter {
	return chart.InkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
		if len(s) == 0 {
			return
		}
		var path vg.Path
		before := 0.0
		path.Move(at(p.lo, 0))
		for _, st := range thinSteps(s.Steps()) {
			x := max(st.At, p.lo)
			path.Line(at(x, before))
			path.Line(at(x, st.Share))
			before = st.Share
		}
		path.Line(at(p.hi, 1))
		chart.Stroke(c, style, path)
	})
}

// mostSteps bounds a curve: a picture shows no more.
const mostSteps = 1000

// thinSteps leaves out steps that rise by too little to be seen, but for the last one.
func thinSteps(all []compare.Rise) []compare.Rise {
	if len(all) <= mostSteps {
		return all
	}
	var kept []compare.Rise
	last := 0.0
	for i, st := range all {
		if st.Share-last >= 1.0/mostSteps || i == len(all)-1 {
			kept = append(kept, st)
			last = st.Share
		}
	}
	return kept
}
