package plans

import (
	"quorumlab/plots/chart"
	"quorumlab/sim/plan"
)

func init() {
	register(PlanFigure{
		Name: "timeouts", Answer: "election", Order: 40,
		About: "What an election timeout of ten heartbeats costs and saves: above, how many times a year a timer expires " +
			"although the leader is healthy (nothing is drawn where that never happens); below, how long it takes to replace " +
			"a crashed leader.",
		Points: timeouts,
	})
	register(PlanFigure{
		Name: "failover", Answer: "failover", Order: 50,
		About: "How long it takes from a leader's crash until all others know the next one: the share of failovers that " +
			"take no longer. Dots are from the simulator, if it was run.",
		Points: func(p *Planned) (PlanPoints, error) {
			if len(p.Failover.Curve) == 0 {
				return nil, chart.Nothing("a leader that crashes is not replaced")
			}
			var simulated []float64
			if p.Simulated != nil {
				simulated = p.Simulated.Failovers
			}
			return panelPoints{Title: "How long a failover takes",
				Panels: []panel{distributed("failovers, cumulative (%)", []curve{cumulative("planned", 0, p.Failover.Curve)},
					simulated)}}, nil
		},
	})
	register(PlanFigure{
		Name: "latency", Answer: "latency", Order: 60,
		About: "How long writes take under the plan's load, until they are committed and until their client knows: the " +
			"share that takes no longer. Dots are from the simulator's clients, if it was run.",
		Points: func(p *Planned) (PlanPoints, error) {
			var simulated []float64
			if p.Simulated != nil {
				simulated = p.Simulated.Writes
			}
			curves := []curve{cumulative("committed", 0, p.Latency.Curve), cumulative("answered", 1, p.Latency.AnsweredCurve)}
			return panelPoints{Title: "How long a write takes", Panels: []panel{distributed("writes, cumulative (%)", curves,
				simulated)}}, nil
		},
	})
}

func timeouts(p *Planned) (PlanPoints, error) {
	falsely := curve{Name: "false timeouts", Colour: 1}
	p50, p99 := curve{Name: "failover, median"}, curve{Name: "failover, 99th percentile", Colour: 2}
	for _, t := range p.Election.Tried {
		x := t.Election / 1e3
		falsely.Xs, falsely.Ys = append(falsely.Xs, x), append(falsely.Ys, t.FalsePerYear)
		p50.Xs, p50.Ys = append(p50.Xs, x), append(p50.Ys, t.P50/1e3)
		p99.Xs, p99.Ys = append(p99.Xs, x), append(p99.Ys, t.P99/1e3)
	}
	e := p.Election
	x := axis{Label: "election timeout (s)", Log: true}
	above := panel{X: axis{Log: true}, Y: axis{Label: "times a year", Log: true, Lo: 1e-3}, Curves: []curve{falsely},
		Empty: "with these times and losses there are no false timeouts",
		Marks: []spot{{Name: "this plan", X: e.Election / 1e3, Y: e.FalsePerYear}}}
	below := panel{X: x, Y: axis{Label: "failover", Log: true, Ticks: spanTicks}, Curves: []curve{p50, p99},
		Marks: []spot{{Name: "this plan: " + plan.Spell(e.Election), X: e.Election / 1e3, Y: p.Failover.P50 / 1e3}}}
	out := panelPoints{Title: "What an election timeout costs and saves", Panels: []panel{above, below}}
	if p.Input.Members < 3 {
		out.Panels = out.Panels[:1]
		out.Panels[0].X = x
	}
	if p.Input.Members < 2 {
		return nil, chart.Nothing("a single member holds no elections")
	}
	return out, nil
}

// cumulative is a distribution as a curve.
func cumulative(name string, colour int, ps []plan.LatencyPoint) curve {
	c := curve{Name: name, Colour: colour}
	for _, p := range ps {
		c.Xs, c.Ys = append(c.Xs, p.Millis), append(c.Ys, 100*p.Share)
	}
	return c
}

// distributed are distributions over a time, with what was simulated as dots at each
// twentieth, and close to the end.
func distributed(what string, curves []curve, simulated []float64) panel {
	q := panel{X: axis{Label: "time (ms)"}, Y: axis{Label: what}, Curves: curves}
	if len(simulated) > 0 {
		dots := curve{Name: "simulated", Colour: 3, Dots: true}
		for _, p := range []float64{.05, .1, .15, .2, .25, .3, .35, .4, .45, .5, .55, .6, .65, .7, .75, .8, .85, .9, .95,
			.99} {
			dots.Xs = append(dots.Xs, simulated[int(p*float64(len(simulated)-1))])
			dots.Ys = append(dots.Ys, 100*p)
		}
		q.Curves = append(q.Curves, dots)
	}
	return q
}
