package plots

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"quorumlab/plots/chart"
	"quorumlab/sim"
)

func init() {
	register(Figure{
		Name:  "timeline",
		Title: "Who led, who followed, who was down",
		About: "One row per member: its role over time, with the term as a number. " +
			"At most one member leads in a term; the term rises with each election.",
		Order:  10,
		Points: timeline,
	})
}

// timelinePoints are the members' rows of the timeline.
type timelinePoints struct {
	Members []string
	Rows    [][]stay
}

func timeline(r *Run) (Points, error) {
	t := timelinePoints{Members: r.Members}
	some := false
	for _, stays := range r.Lives {
		t.Rows = append(t.Rows, sameLook(stays))
		some = some || slices.ContainsFunc(stays, func(s stay) bool { return s.State != absent })
	}
	if !some {
		return nil, chart.Nothing("no member ever started")
	}
	return t, nil
}

// sameLook joins neighbours that differ in nothing that the row shows.
func sameLook(stays []stay) []stay {
	var out []stay
	for _, s := range stays {
		s.Leader = 0
		if n := len(out) - 1; n >= 0 {
			joined := out[n]
			joined.To = s.To
			s := s
			s.From = joined.From
			if s == joined {
				out[n] = joined
				continue
			}
		}
		out = append(out, s)
	}
	return out
}

func (t timelinePoints) ink(s *chart.Sheet) {
	p := s.NewTimePlot(0, s.Span)
	p.Members(t.Members)
	p.Add(chart.InkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
		for i, stays := range t.Rows {
			t.inkRow(c, p, stays, at, chart.Row(i, len(t.Rows)))
		}
	}))
	s.DrawTimePlot(p, roleKeys(t.Rows)...)
}

// shortest is the least width of a candidacy, which may last a millisecond.
const shortest = 4 * chart.Px

func (t timelinePoints) inkRow(c draw.Canvas, p *chart.TimePlot, stays []stay, at func(x, y float64) vg.Point,
	y float64) {
	high := chart.RowHeight(c, len(t.Rows)) * 0.72
	bars := map[chart.Look]*chart.Areas{}
	var order []chart.Look // the order of first use, candidates last, so that they stay visible
	for _, election := range []bool{false, true} {
		for _, s := range stays {
			l := lookOf(s)
			if l.Fill == nil || election != campaigns(s) {
				continue
			}
			if bars[l] == nil {
				bars[l] = &chart.Areas{}
				order = append(order, l)
			}
			bars[l].Add(l, bar(s, p, at, y, barHeight(s, high)))
		}
	}
	for _, l := range order {
		bars[l].Draw(c, l)
	}
	t.separate(c, p, stays, at, y, high)
	for _, s := range stays {
		lookOf(s).Write(c, bar(s, p, at, y, barHeight(s, high)), stayLabels(s)...)
	}
}

func campaigns(s stay) bool {
	return s.State == running && (s.Role == sim.Candidate || s.Role == sim.PreCandidate)
}

// barHeight makes a leader's bar the highest of its row and a stopped member's a
// thin one.
func barHeight(s stay, high vg.Length) vg.Length {
	switch {
	case s.leads():
		return high
	case s.State == down:
		return high * 0.55
	}
	return high * 0.8
}

func bar(s stay, p *chart.TimePlot, at func(x, y float64) vg.Point, y float64, high vg.Length) vg.Rectangle {
	from, to := at(p.At(s.From), y), at(p.At(s.To), y)
	if campaigns(s) {
		to.X = max(to.X, from.X+shortest)
	}
	return vg.Rectangle{Min: vg.Point{X: from.X, Y: from.Y - high/2}, Max: vg.Point{X: to.X, Y: to.Y + high/2}}
}

// separate draws a gap where a member goes on in the same role in a new term.
func (t timelinePoints) separate(c draw.Canvas, p *chart.TimePlot, stays []stay, at func(x, y float64) vg.Point,
	y float64, high vg.Length) {
	var gaps vg.Path
	for i := 1; i < len(stays); i++ {
		if a, b := stays[i-1], stays[i]; a.State == b.State && a.Role == b.Role && a.Term != b.Term {
			x := at(p.At(b.From), y)
			gaps = chart.Segment(gaps, vg.Point{X: x.X, Y: x.Y - high/2}, vg.Point{X: x.X, Y: x.Y + high/2})
		}
	}
	chart.Stroke(c, chart.Pen(2*chart.Px, chart.Paper), gaps)
}

// stayLabels are what may stand on a stay's bar, longest first.
func stayLabels(s stay) []string {
	term := fmt.Sprint(s.Term)
	switch {
	case s.State == absent:
		return nil
	case s.State == down || s.State == paused:
		return []string{s.State.String()}
	case s.leads():
		return []string{"leader, term " + term, "term " + term, term}
	case s.Term == 0:
		return nil
	}
	return []string{"term " + term, term}
}

// roleKeys are the legend's entries for the looks that the rows use.
func roleKeys(rows [][]stay) []chart.Key {
	var keys []chart.Key
	for _, k := range []struct {
		label string
		stay
	}{
		{"leader", stay{State: running, Role: sim.Leader}},
		{"follower", stay{State: running, Role: sim.Follower}},
		{"pre-candidate", stay{State: running, Role: sim.PreCandidate}},
		{"candidate", stay{State: running, Role: sim.Candidate}},
		{"learner", stay{State: running, Role: sim.Learner}},
		{"paused", stay{State: paused}},
		{"down", stay{State: down}},
	} {
		if usesLook(rows, lookOf(k.stay)) {
			keys = append(keys, chart.AreaKey(k.label, lookOf(k.stay)))
		}
	}
	return keys
}

func usesLook(rows [][]stay, l chart.Look) bool {
	return slices.ContainsFunc(rows, func(stays []stay) bool {
		return slices.ContainsFunc(stays, func(s stay) bool { return lookOf(s) == l })
	})
}
