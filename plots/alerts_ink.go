package plots

import (
	"fmt"
	"time"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"quorumlab/plots/chart"
	"quorumlab/sim"
)

// look is how a stretch of the metrics looks.
func (s said) look() chart.Look {
	switch s {
	case saidNothing:
		return lookOf(stay{State: down})
	case saidNoLeader:
		return chart.Look{Fill: chart.Orange, Hatch: chart.Rising, Over: chart.OnLight, Text: chart.OnLight}
	case saidLeader:
		return chart.Look{Fill: chart.Pale, Text: chart.Ink}
	}
	return chart.Look{}
}

// alertLook is how a stretch of an alert looks.
func alertLook(s sim.AlertState) chart.Look {
	switch s {
	case sim.AlertPending:
		return chart.Look{Fill: chart.Yellow.Veil(0.6), Hatch: chart.Falling, Over: chart.Muted, Text: chart.Ink}
	case sim.AlertFiring:
		return chart.Look{Fill: chart.Vermillion, Text: chart.OnDark}
	}
	return chart.Look{}
}

// laneBar is a bar of a row: its look, its time and what may stand on it.
type laneBar struct {
	chart.Look
	from, to time.Duration
	texts    []string
	high     float64 // its share of the room for bars
}

func (a alertsPoints) ink(s *chart.Sheet) {
	p := s.NewTimePlot(0, s.Span)
	var names, texts []string
	var bars [][]laneBar
	for i, said := range a.Said {
		names = append(names, said.Member)
		text := ""
		if i == 0 {
			text = "what the scraped metrics say"
		}
		texts, bars = append(texts, text), append(bars, said.bars())
	}
	for i, rule := range a.Rules {
		names = append(names, rule.Member)
		text := ""
		if i == 0 || a.Rules[i-1].Rule != rule.Rule {
			text = rule.text()
		}
		texts, bars = append(texts, text), append(bars, rule.bars())
	}
	switch {
	case a.More > 0:
		names, texts, bars = append(names, ""), append(texts, fmt.Sprintf("and %d more, not shown", a.More)),
			append(bars, nil)
	case len(a.Rules) == 0:
		names, texts, bars = append(names, ""), append(texts, "no alert was pending or firing"), append(bars, nil)
	}
	p.Members(names)
	p.Add(chart.InkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
		for i := range bars {
			inkLane(c, p, at, chart.Row(i, len(bars)), chart.RowHeight(c, len(bars)), texts[i], bars[i])
		}
	}))
	s.DrawTimePlot(p, a.keys()...)
}

func (r saidRow) bars() (bars []laneBar) {
	for _, s := range r.Stays {
		bars = append(bars, laneBar{s.Said.look(), s.From, s.To, []string{s.Said.String()}, 0.8})
	}
	return bars
}

func (a alertRow) bars() (bars []laneBar) {
	for _, s := range a.Stays {
		high := 0.6
		if s.State == sim.AlertFiring {
			high = 1
		}
		bars = append(bars, laneBar{alertLook(s.State), s.From, s.To, []string{s.State.String()}, high})
	}
	return bars
}

// The parts of a row: a line of text on top and the bars under it.
const (
	laneLine = 20 * chart.Px
	laneMost = 34 * chart.Px // the highest bar
)

// inkLane draws a row whose middle is at y.
func inkLane(c draw.Canvas, p *chart.TimePlot, at func(x, y float64) vg.Point, y float64, high vg.Length, text string,
	bars []laneBar) {
	mid := at(p.At(p.From), y)
	top := mid.Y + high/2
	room := min(high-laneLine-4*chart.Px, laneMost)
	floor := min(mid.Y, top-laneLine-room/2)
	for _, b := range bars {
		half := max(room*vg.Length(b.high)/2, 3*chart.Px)
		area := vg.Rectangle{
			Min: vg.Point{X: at(p.At(b.from), y).X, Y: floor - half},
			Max: vg.Point{X: max(at(p.At(b.to), y).X, at(p.At(b.from), y).X+2*chart.Px), Y: floor + half},
		}
		b.Look.Draw(c, area, b.texts...)
	}
	if text != "" {
		c.FillText(chart.Letters(chart.SmallSize, chart.Ink), vg.Point{X: mid.X + 6*chart.Px, Y: floor + (room+laneLine)/2},
			text)
	}
}

// keys are the legend's entries for what the rows show.
func (a alertsPoints) keys() (keys []chart.Key) {
	says := map[said]bool{}
	for _, r := range a.Said {
		for _, s := range r.Stays {
			says[s.Said] = true
		}
	}
	for _, s := range []said{saidLeader, saidNoLeader, saidNothing} {
		if says[s] {
			keys = append(keys, chart.AreaKey(s.String(), s.look()))
		}
	}
	states := map[sim.AlertState]bool{}
	for _, r := range a.Rules {
		for _, s := range r.Stays {
			states[s.State] = true
		}
	}
	for _, s := range []sim.AlertState{sim.AlertPending, sim.AlertFiring} {
		if states[s] {
			keys = append(keys, chart.AreaKey("alert "+s.String(), alertLook(s)))
		}
	}
	return keys
}
