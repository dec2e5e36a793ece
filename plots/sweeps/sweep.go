package sweeps

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"quorumlab/plots/chart"
	"quorumlab/sim"
	"quorumlab/sim/sweep"
)

// Swept is a sweep as its figures see it: the result, and the scenario of each
// variation.
type Swept struct {
	*sweep.Summary
	Scenarios []*sim.Scenario
}

// SweepFigure draws a sweep. Each is one file, NAME.go, which registers it.
type SweepFigure struct {
	Name  string // lower-case words with dashes
	About string // for people: what is drawn, how to read it
	Order int
	// Points computes what is drawn of one of the sweep's measures (its place in the
	// plan). It is pure. ErrNothing: there is nothing to draw.
	Points func(s *Swept, measure int) (SweepPoints, error)
}

// SweepPoints are what a figure shows of one sweep.
type SweepPoints interface {
	title() string
	ink(s *chart.Sheet)
}

var figures = chart.NewRegistry("sweep figure", func(f *SweepFigure) (string, int) { return f.Name, f.Order })

func register(f SweepFigure) { figures.Add(f) }

// Figures lists the figures of sweeps, in the order in which a report shows them.
func Figures() []*SweepFigure { return figures.List() }

// SweepPicture is a drawn figure of a sweep.
type SweepPicture struct {
	Name     string // of its files
	About    string
	SVG, PNG []byte // PNG: nil if only the SVG was asked for
}

// Draw draws all that there is to show of each figure that the sweep read.
func (s *Swept) Draw(withPNG bool) ([]SweepPicture, error) {
	var out []SweepPicture
	for i, reading := range s.Design.Measures {
		for _, f := range Figures() {
			points, err := f.Points(s, i)
			if errors.Is(err, chart.ErrNothing) {
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("figure %s of %s: %w", f.Name, reading, err)
			}
			p := SweepPicture{Name: f.Name + "-" + fileWord(reading.String()), About: f.About}
			if p.SVG, p.PNG, err = chart.Draw(points.title(), s.subtitle(), points.ink, withPNG); err != nil {
				return nil, err
			}
			out = append(out, p)
		}
	}
	return out, nil
}

// fileWord is a text as part of a file's name.
func fileWord(s string) string {
	words := strings.FieldsFunc(s, func(r rune) bool {
		return r != '.' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	})
	for op, word := range map[string]string{">=": "at-least", "<=": "at-most", "==": "is", "!=": "is-not", ">": "above",
		"<": "below"} {
		if strings.Contains(s, " "+op+" ") && len(words) > 1 {
			return strings.Join(slices.Insert(words, len(words)-1, word), "-")
		}
	}
	return strings.Join(words, "-")
}

// subtitle says which sweep it was, and the distribution of its network where there is one for
// all.
func (s *Swept) subtitle() string {
	text := fmt.Sprintf("%s · %s trials, seeds from %d", s.Design.Scenario, chart.Grouped(float64(s.Design.Total()), 0),
		s.Design.Seed)
	first := s.Scenarios[0].Cluster
	for _, v := range s.Scenarios {
		if v.Cluster.Network != first.Network || v.Cluster.Disk != first.Disk || len(v.Cluster.Links) > 0 {
			return chart.Printable(text)
		}
	}
	return chart.Printable(text + " · every message takes " + distributionInWords(first.Network.Latency) +
		", " + fsyncInWords(first.Disk.Fsync))
}

// fsyncInWords says how long an fsync takes.
func fsyncInWords(l sim.Distribution) string {
	if l.IsZero() {
		return "instant fsync"
	}
	return "every fsync " + distributionInWords(l)
}

// distributionInWords is a time distribution in a sentence.
func distributionInWords(l sim.Distribution) string {
	switch {
	case l.IsZero():
		return "no time"
	case l.Measured():
		return l.String()
	case l.Lo == l.Hi:
		return sim.FormatDuration(l.Lo)
	}
	return sim.FormatDuration(l.Lo) + " to " + sim.FormatDuration(l.Hi) + " (uniform)"
}

// TitleOf is a picture's title: that of the scenario over the sweep's first measure, if it has one.
func (s *Swept) TitleOf(measure int, otherwise string) string {
	if t := s.Scenarios[0].Title; t != "" && measure == 0 {
		return t
	}
	return otherwise
}

// Label names a measure with its unit.
func Label(r sim.Reading) string {
	if u := r.Unit(); u != "" {
		return r.String() + " (" + string(u) + ")"
	}
	return r.String()
}
