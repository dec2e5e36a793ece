package compare

import (
	"math"

	"quorumlab/sim"
)

// Goal is how close a prediction should come.
type Goal struct {
	Median   float64 // the share of the real median by which the medians may differ
	Distance float64 // the limit that the Kolmogorov-Smirnov distance must stay below
}

// Wanted is the goal of the sim engine.
var Wanted = Goal{Median: 0.10, Distance: 0.20}

// Agreement is what the runs of one scenario gave.
type Agreement struct {
	Name, Title string
	Seed        uint64 // of the first run of each engine; the others count up from it
	Real, Model Runs
	Rows        []Row
}

// Runs says what an engine ran.
type Runs struct {
	Engine string
	N      int
}

// Row is a measure on both engines.
type Row struct {
	Measure     string // a measure's name, or that of what is taken per operation
	About       string // a sentence for people
	Unit        sim.Unit
	PerRun      bool // a value per run; otherwise a value per operation
	Real, Model Sample
}

// Empty reports whether neither engine had anything to measure.
func (r Row) Empty() bool { return len(r.Real) == 0 && len(r.Model) == 0 }

// Ratio is the model's median over the real one; false where one is missing or only the
// real one is 0. Two zeros are equal.
func (r Row) Ratio() (float64, bool) {
	truth, model := r.Real.Median(), r.Model.Median()
	switch {
	case math.IsNaN(truth) || math.IsNaN(model):
		return 0, false
	case truth == model:
		return 1, true
	case truth == 0:
		return 0, false
	}
	return model / truth, true
}

// Distance is the distance between the two samples.
func (r Row) Distance() float64 { return Distance(r.Real, r.Model) }

// Chance is the distance that chance alone stays below 19 times in 20, for a measure with a
// value a run. The operations of a run depend on one another, so for them there is no such number.
func (r Row) Chance() (float64, bool) {
	if !r.PerRun {
		return 0, false
	}
	return Chance(len(r.Real), len(r.Model)), true
}

// Met reports whether the medians and the distributions are as close as the goal demands.
func (r Row) Met(g Goal) (median, distance bool) {
	ratio, ok := r.Ratio()
	return ok && math.Abs(ratio-1) <= g.Median+1e-9, r.Distance() < g.Distance
}
