package chart

import (
	"fmt"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Lanes is a panel of time spans, a lane for each name.
type Lanes struct {
	Title string
	X     Axis
	Rows  []Lane
	// Moments are vertical lines, with their names.
	Moments []Reference
}

// Lane is a row of stretches.
type Lane struct {
	Name      string
	Stretches []Stretch
}

// Stretch is a part of a lane. Without a length it is a point in time.
type Stretch struct {
	From, To float64
	Text     string // written on it, where there is room
	Mood     Mood
}

func (l Lanes) check() error {
	n := 0
	for _, r := range l.Rows {
		for _, s := range r.Stretches {
			n++
			if !finite(s.From) || !finite(s.To) || s.To < s.From {
				return fmt.Errorf("the lane %q has a span from %v to %v", r.Name, s.From, s.To)
			}
		}
	}
	if n == 0 {
		return Nothing("no lane has a span")
	}
	return nil
}

func (l Lanes) keys() []Key { return nil }

func (l Lanes) inkPanel(s *Sheet, area vg.Rectangle) {
	area = s.panelTitle(l.Title, area)
	p := NewPlot()
	var xs []float64
	var rows []string
	for _, r := range l.Rows {
		rows = append(rows, r.Name)
		for _, st := range r.Stretches {
			xs = append(xs, st.From, st.To)
		}
	}
	p.X.Min, p.X.Max = l.X.bounds(xs)
	p.X.Label.Text, p.X.Tick.Marker = l.X.Label, l.X.ticks(12)
	p.Y.Min, p.Y.Max = -0.5, float64(len(l.Rows))-0.5
	if len(l.Moments) > 0 {
		p.Y.Max += 0.6 // for their names
	}
	p.Y.Tick.Marker, p.Y.Tick.Length, p.Y.LineStyle.Width = NameTicks(rows, true), 0, 0
	p.Add(Verticals(p), InkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
		for i, r := range l.Rows {
			r.ink(c, at, float64(len(l.Rows)-1-i))
		}
	}))
	(Lines{Moments: l.Moments}).addReferences(p)
	p.Draw(s.areaCanvas(area))
}

// ink draws the stretches of a lane, those without a length as thin strokes.
func (l Lane) ink(c draw.Canvas, at func(x, y float64) vg.Point, y float64) {
	const half = 0.36
	byMood := map[Mood]*Areas{}
	for _, st := range l.Stretches {
		r := vg.Rectangle{Min: at(st.From, y-half), Max: at(st.To, y+half)}
		if r.Max.X-r.Min.X < 2*Px {
			r.Max.X = r.Min.X + 2*Px
		}
		if byMood[st.Mood] == nil {
			byMood[st.Mood] = &Areas{}
		}
		byMood[st.Mood].Add(st.Mood.Look(), r)
	}
	for _, m := range []Mood{Neutral, Good, Partly, Bad} {
		if a := byMood[m]; a != nil {
			a.Draw(c, m.Look())
		}
	}
	for _, st := range l.Stretches {
		if st.Text != "" && st.Mood != Blank {
			st.Mood.Look().Write(c, vg.Rectangle{Min: at(st.From, y-half), Max: at(st.To, y+half)}, st.Text)
		}
	}
}
