package sweeps

import (
	"math"
	"slices"

	"quorumlab/plots/chart"
	"quorumlab/sim"
	"quorumlab/sim/sweep"
)

func init() {
	register(SweepFigure{
		Name: "distribution",
		About: "The share of trials with at most this value: a line per variation, which rises at its typical value " +
			"and flattens in the tail. A line that ends below 100% has trials without a value. Crosses, where there are any, " +
			"are published values.",
		Order:  10,
		Points: distribution,
	})
}

// distributionPoints are empirical distributions, in panels.
type distributionPoints struct {
	Title   string
	Reading sim.Reading
	Panels  []curvePanel
	Lo, Hi  float64  // of the values
	Log     bool     // the horizontal axis is logarithmic
	Styles  []string // names of the second axis's points, which are styles of lines
}

// curvePanel is a group of lines over one pair of axes.
type curvePanel struct {
	Name    string
	Colours []string // names of the first axis's points in it, which are colours
	Lines   []curve
	Dots    []dot
}

// curve is one variation's distribution.
type curve struct {
	Name          string
	Colour, Style int // place in Panel.Colours, in Styles
	Points        []sweep.CurvePoint
}

// dot is a quantile that others have published.
type dot struct {
	Colour       int
	Value, Share float64
}

// mostLines is what a panel can hold; of more variations the heat map is the picture.
const mostLines = 14

func distribution(s *Swept, measure int) (SweepPoints, error) {
	r := s.Design.Measures[measure]
	d := distributionPoints{Title: s.TitleOf(measure, "How "+r.String()+" is distributed"), Reading: r, Lo: math.Inf(1),
		Hi: math.Inf(-1)}
	if d.Reading.Op != "" {
		return nil, chart.Nothing("a comparison has two values")
	}
	if len(s.Design.Axes) > 2 {
		return nil, chart.Nothing("more than two settings are varied")
	}
	for i := range s.Variations {
		d.add(s, i, measure)
	}
	if d.Lo > d.Hi {
		return nil, chart.Nothing("no trial had a value")
	}
	for _, p := range d.Panels {
		if len(p.Lines) > mostLines {
			return nil, chart.Nothing("there are too many lines")
		}
	}
	d.Log = d.Reading.Unit() == sim.Millis && d.Lo > 0 && d.Hi > 3*d.Lo
	return d, nil
}

func (d *distributionPoints) add(s *Swept, variation, measure int) {
	o := &s.Variations[variation]
	colour, style, panel := o.Name, "", ""
	var dots []sim.Quantile
	if len(o.Points) > 0 {
		p := s.Design.Axes[0].Points[o.Points[0]]
		colour, panel = s.Design.Axes[0].Label(o.Points[0]), p.Panel
		if measure == 0 {
			dots = p.Published
		}
	}
	if len(o.Points) > 1 {
		style = s.Design.Axes[1].Label(o.Points[1])
	}
	p := d.panel(panel)
	l := curve{Name: o.Name, Colour: place(&p.Colours, colour), Style: place(&d.Styles, style),
		Points: o.Measures[measure].Curve}
	p.Lines = append(p.Lines, l)
	for _, c := range l.Points {
		d.Lo, d.Hi = min(d.Lo, c.Value), max(d.Hi, c.Value)
	}
	if l.Style > 0 {
		return // the dots belong to the colour, and are there
	}
	for _, q := range dots {
		p.Dots = append(p.Dots, dot{l.Colour, q.Value, q.Share})
		d.Lo, d.Hi = min(d.Lo, q.Value), max(d.Hi, q.Value)
	}
}

func (d *distributionPoints) panel(name string) *curvePanel {
	i := slices.IndexFunc(d.Panels, func(p curvePanel) bool { return p.Name == name })
	if i < 0 {
		d.Panels = append(d.Panels, curvePanel{Name: name})
		i = len(d.Panels) - 1
	}
	return &d.Panels[i]
}

// place is where a name stands in a list, to which it is added if it is new.
func place(names *[]string, name string) int {
	i := slices.Index(*names, name)
	if i < 0 {
		*names = append(*names, name)
		i = len(*names) - 1
	}
	return i
}

func (d distributionPoints) title() string { return d.Title }
