package sim

import "strings"

// Sweep says how a scenario is run many times: over seeds, and over variations of
// its settings, which are the product of the axes' points. Package scenarios reads it
// from the scenario's file; package sim/sweep makes a plan of it.
type Sweep struct {
	Trials   int       // for each variation; 0: the command says
	Measures []Reading // what is read off each trial
	Checks   []string  // the checks of each trial besides the expectations; nil: all that judge a run
	Axes     []SweepAxis
	Show     []Example
	Against  string // the theory that plots show next to the trials: "election-theory", or empty
}

// Example is a trial that the report shows: the one of a variation at a quantile of the
// sweep's first measure.
type Example struct {
	Variation string
	Quantile  Share
	About     string
}

// SweepAxis is a group of settings that are varied together.
type SweepAxis struct {
	Name   string
	Points []Point
}

// Label names a point where its axis is not named beside it: a value stands with its setting ("members=3"), a
// point with a name of its own for itself.
func (a *SweepAxis) Label(i int) string {
	p := &a.Points[i]
	if len(p.Set) == 1 && p.Set[0] == a.Name+"="+p.Name {
		return a.Name[strings.LastIndex(a.Name, ".")+1:] + "=" + p.Name
	}
	return p.Name
}

// Point is one choice on an axis.
type Point struct {
	Name      string
	Set       []string // settings, as for --set
	Trials    int      // above 0: this many trials instead
	Panel     string   // plots with panels show it in this one
	Published []Quantile
}

// Quantile is a value that somebody else has published for a point, to be shown
// next to the results. It is in Measure's unit; Share is 0 for the minimum, 1 for the
// maximum.
type Quantile struct {
	Share float64
	Value float64
}

// Reading is a number that is read off a run: a measure over a window, or, with an Op,
// whether a comparison of one holds (1 or 0, whose mean is a share).
type Reading Expectation

// String is the text form.
func (r Reading) String() string {
	if r.Op == "" {
		return r.Measure + r.Window.String()
	}
	return Expectation(r).String()
}

// Is reports whether the reading is just a measure over the whole run.
func (r Reading) Is(measure string) bool {
	return r.Measure == measure && r.Op == "" && r.Window == Window{}
}

// Unit is what the reading counts.
func (r Reading) Unit() Unit {
	if r.Op == "" {
		return r.In
	}
	return Shares
}

// Of is the reading for a value of the measure.
func (r Reading) Of(v float64) float64 {
	switch {
	case r.Op == "":
		return v
	case Expectation(r).Holds(v):
		return 1
	}
	return 0
}

// MarshalText writes the text form.
func (r Reading) MarshalText() ([]byte, error) { return []byte(r.String()), nil }
