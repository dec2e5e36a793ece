package sweeps

import (
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"quorumlab/plots/chart"
	"quorumlab/sim"
	"quorumlab/sim/sweep"
)

func init() {
	register(SweepFigure{
		Name: "theory",
		About: "Election theory as curves, trials as dots with their 95% intervals: above, how often the first election is " +
			"split; below, the mean failover time. The curves are closed forms, without any fitting.",
		Order:  5,
		Points: theory,
	})
}

// theoryPoints are trials beside election theory, over the latency as a share of the
// spread of the election timeouts.
type theoryPoints struct {
	Title  string
	Split  []measured // shares
	Mean   []measured // milliseconds
	Curves []theoryPoint
}

// measured is what came out of one variation's trials.
type measured struct{ Ratio, Value, Lo, Hi float64 }

// theoryPoint is what theory says at a ratio.
type theoryPoint struct{ Ratio, Split, Mean, Least, Most float64 }

// splitReading is the comparison that says whether a trial's first election failed.
var splitReading = sim.Reading{Measure: "elections.failed", Op: ">=", Value: 1}

func theory(s *Swept, measure int) (SweepPoints, error) {
	if s.Design.Against != "election-theory" || measure > 0 {
		return nil, chart.Nothing("the sweep is not compared with a theory")
	}
	t := theoryPoints{Title: s.TitleOf(measure, "Election theory and trials")}
	var base sweep.ElectionTheory
	for i, o := range s.Variations {
		e, err := sweep.ElectionTheoryOf(s.Scenarios[i])
		if err != nil {
			return nil, err
		}
		if i > 0 && (e.Members != base.Members || e.Shortest != base.Shortest || e.Spread != base.Spread ||
			e.Heartbeat != base.Heartbeat) {
			return nil, chart.Nothing("more than the latency is varied")
		}
		base = e
		for _, d := range o.Measures {
			switch {
			case d.Reading == splitReading:
				t.Split = append(t.Split, measured{e.Ratio(), d.Mean, d.Share.Lo, d.Share.Hi})
			case d.Reading.Is("failover"):
				half := d.MeanHalfWidth()
				t.Mean = append(t.Mean, measured{e.Ratio(), d.Mean, d.Mean - half, d.Mean + half})
			}
		}
	}
	t.curve(base)
	return t, nil
}

// curve works the theory out at many ratios, up to a little beyond the trials'.
func (t *theoryPoints) curve(e sweep.ElectionTheory) {
	end := 0.0
	for _, m := range append(t.Split, t.Mean...) {
		end = max(end, m.Ratio)
	}
	end *= 1.05
	for i := range 201 {
		e.Latency = end * float64(i) / 200 * e.Spread
		least, mean, most := e.MeanFailover()
		t.Curves = append(t.Curves, theoryPoint{e.Ratio(), e.SplitVote(), mean, least, most})
	}
}

func (t theoryPoints) title() string { return t.Title }

func (t theoryPoints) ink(s *chart.Sheet) {
	s.Legend(chart.LineKey("closed form", chart.Pen(chart.ThickLine, chart.Blue)),
		chart.AreaKey("between its bounds", chart.Look{Fill: chart.Blue.Veil(0.25)}),
		chart.MarkKey("trials, with their 95% interval", chart.Marker{Shape: chart.Square, Size: 4 * chart.Px,
			Color: chart.Vermillion}))
	half := s.Space.Size().Y / 2
	upper, lower := *s, *s
	upper.Space.Min.Y += half
	lower.Space.Max.Y -= half
	percent := func(m measured) measured { return measured{m.Ratio, 100 * m.Value, 100 * m.Lo, 100 * m.Hi} }
	var split []measured
	for _, m := range t.Split {
		split = append(split, percent(m))
	}
	t.panel(&upper, "first election split (%)", "", split, func(c theoryPoint) (lo, mid,
		hi float64) {
		return 100 * c.Split, 100 * c.Split, 100 * c.Split
	})
	t.panel(&lower, "mean failover (ms)", "one-way latency as a share of the spread of the election timeouts", t.Mean,
		func(c theoryPoint) (lo, mid, hi float64) { return c.Least, c.Mean, c.Most })
}

func (t theoryPoints) panel(s *chart.Sheet, yLabel, xLabel string, ms []measured,
	of func(theoryPoint) (lo, mid, hi float64)) {
	p := chart.NewPlot()
	p.X.Label.Text = xLabel
	p.X.Max = t.Curves[len(t.Curves)-1].Ratio
	p.X.Tick.Marker, p.Y.Tick.Marker = chart.RoundTicks{Most: 12}, chart.RoundTicks{Most: 5}
	p.Y.Min, p.Y.Max = math.Inf(1), math.Inf(-1)
	for _, c := range t.Curves {
		lo, _, hi := of(c)
		p.Y.Min, p.Y.Max = min(p.Y.Min, lo), max(p.Y.Max, hi)
	}
	for _, m := range ms {
		p.Y.Min, p.Y.Max = min(p.Y.Min, m.Lo), max(p.Y.Max, m.Hi)
	}
	p.Y.Max += (p.Y.Max - p.Y.Min) / 20
	p.Add(chart.Horizontals(p), chart.Verticals(p))
	p.Add(chart.InkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) { t.inkCurve(c, at, of) }))
	p.Add(chart.InkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) { inkMeasured(c, at, ms) }))
	c := s.Frame(p)
	data := p.DataCanvas(c)
	p.Draw(c)
	s.LabelY(yLabel, data)
}

// inkCurve draws a closed form and shades what lies between its two cases.
func (t theoryPoints) inkCurve(c draw.Canvas, at func(x, y float64) vg.Point,
	of func(theoryPoint) (lo, mid, hi float64)) {
	var curve, area vg.Path
	for i, p := range t.Curves {
		lo, mid, _ := of(p)
		if i == 0 {
			curve.Move(at(p.Ratio, mid))
			area.Move(at(p.Ratio, lo))
			continue
		}
		curve.Line(at(p.Ratio, mid))
		area.Line(at(p.Ratio, lo))
	}
	for i := len(t.Curves) - 1; i >= 0; i-- {
		_, _, hi := of(t.Curves[i])
		area.Line(at(t.Curves[i].Ratio, hi))
	}
	area.Close()
	c.SetColor(chart.Blue.Veil(0.25))
	c.Fill(area)
	chart.Stroke(c, chart.Pen(chart.ThickLine, chart.Blue), curve)
}

func inkMeasured(c draw.Canvas, at func(x, y float64) vg.Point, ms []measured) {
	var bars vg.Path
	var dots []vg.Point
	for _, m := range ms {
		bars = chart.Segment(bars, at(m.Ratio, m.Lo), at(m.Ratio, m.Hi))
		dots = append(dots, at(m.Ratio, m.Value))
	}
	chart.Stroke(c, chart.Pen(2*chart.Px, chart.Vermillion), bars)
	chart.Marker{Shape: chart.Square, Size: 4 * chart.Px, Color: chart.Vermillion}.Draw(c, dots)
}
