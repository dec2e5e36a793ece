package plans

import (
	"errors"
	"fmt"
	"strconv"

	"quorumlab/plots/chart"
	"quorumlab/sim/plan"
)

// Planned is a plan as its figures see it.
type Planned struct {
	*plan.Plan
	Name      string          // of its file; empty: from flags alone
	Simulated *plan.Simulated // nil: the simulator was not asked
}

// PlanFigure draws a plan. The file of the answer that it shows registers it.
type PlanFigure struct {
	Name   string // lower-case words with dashes; also the name of its files
	Answer string // which answer of the plan it shows; see PlanAnswers
	About  string // for people: what is drawn, how to read it
	Order  int
	// Points computes what is drawn. It is pure. ErrNothing: there is nothing to draw.
	Points func(p *Planned) (PlanPoints, error)
}

// PlanPoints are what a figure shows of one plan.
type PlanPoints interface {
	title() string
	ink(s *chart.Sheet)
}

// joiner are points that take those of another plan into the same axes.
type joiner interface {
	join(names [2]string, other PlanPoints) PlanPoints
}

var figures = chart.NewRegistry("plan figure", func(f *PlanFigure) (string, int) { return f.Name, f.Order })

func register(f PlanFigure) { figures.Add(f) }

// Figures lists the figures of plans, in the order in which a report shows them.
func Figures() []*PlanFigure { return figures.List() }

// PlanPicture is a drawn figure of one plan, or of two.
type PlanPicture struct {
	Figure   *PlanFigure
	Name     string // of its files
	SVG, PNG []byte // PNG: nil if only the SVG was asked for
}

// Draw draws all that there is to show of a plan, or of two side by side: in the
// same axes where the figure has some, one after the other where not.
func Draw(ps []*Planned, withPNG bool) (out []PlanPicture, err error) {
	for _, f := range Figures() {
		drawn, err := f.draw(ps, withPNG)
		if err != nil {
			return nil, fmt.Errorf("figure %s: %w", f.Name, err)
		}
		out = append(out, drawn...)
	}
	return out, nil
}

func (f *PlanFigure) draw(ps []*Planned, withPNG bool) (out []PlanPicture, err error) {
	var shown []*Planned
	var points []PlanPoints
	for _, p := range ps {
		switch x, err := f.Points(p); {
		case err == nil:
			shown, points = append(shown, p), append(points, x)
		case !errors.Is(err, chart.ErrNothing):
			return nil, err
		}
	}
	if len(points) == 2 {
		if j, ok := points[0].(joiner); ok {
			points = []PlanPoints{j.join([2]string{ps[0].Name, ps[1].Name}, points[1])}
		}
	}
	for i, x := range points {
		p, under := PlanPicture{Figure: f, Name: f.Name}, shown[i].subtitle()
		switch {
		case len(points) > 1:
			p.Name += "-" + strconv.Itoa(i+1)
		case len(shown) > 1:
			under = shown[0].Name + " and " + shown[1].Name
		}
		if p.SVG, p.PNG, err = chart.Draw(x.title(), chart.Printable(under), x.ink, withPNG); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// Outline says which cluster is planned, in a line.
func (p *Planned) Outline() string {
	in := p.Input
	if len(in.Zones) == 0 {
		return fmt.Sprintf("%d members · round trip %s · fsync %s", in.Members, in.RTT, in.Fsync)
	}
	return fmt.Sprintf("%d members, %s in zones · round trip %s, within a zone %s · fsync %s",
		in.Members, in.Zones, in.RTT, in.ZoneRTT, in.Fsync)
}

// subtitle is the outline, with the plan's name if it has one.
func (p *Planned) subtitle() string {
	if p.Name == "" {
		return p.Outline()
	}
	return p.Name + " · " + p.Outline()
}
