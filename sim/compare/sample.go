package compare

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"quorumlab/internal/stats"
)

// Sample is the values that an engine gave for a measure, smallest first. Make one with Of.
type Sample []float64

// Of sorts a copy of the values, in any order. It panics on NaN.
func Of(values []float64) Sample {
	s := Sample(slices.Clone(values))
	if slices.ContainsFunc(s, math.IsNaN) {
		panic("compare: a value is not a number")
	}
	slices.Sort(s)
	return s
}

// Quantile is the smallest value that at least a share p, from 0 to 1, of the sample does
// not exceed (nearest rank). It is NaN of an empty sample.
func (s Sample) Quantile(p float64) float64 {
	if len(s) == 0 {
		return math.NaN()
	}
	return stats.Quantile(s, p)
}

// Median is the quantile of one half.
func (s Sample) Median() float64 { return s.Quantile(0.5) }

// Distance is the two-sample Kolmogorov-Smirnov distance: the most, over all x, by which the
// shares of the two samples up to x differ. 0 is the same distribution, 1 is no overlap.
// Against an empty sample it is 1, between two empty ones 0.
func Distance(a, b Sample) float64 { return stat.KolmogorovSmirnov(a, nil, b, nil) }

// Chance is the distance that two samples of n and m values from one and the same
// distribution stay below 19 times in 20 (Smirnov's asymptotic formula, 1.358 for 5%). Below
// it, no model can be told from a better one. The values must be independent of one another.
func Chance(n, m int) float64 {
	if n == 0 || m == 0 {
		return 1
	}
	return min(1, 1.358*math.Sqrt(float64(n+m)/(float64(n)*float64(m))))
}

// Rise is a step of an empirical distribution.
type Rise struct {
	At    float64
	Share float64 // of the values up to At, At included
}

// Steps is the empirical distribution of the sample, one step per distinct value.
func (s Sample) Steps() []Rise {
	var out []Rise
	for i, v := range s {
		share := float64(i+1) / float64(len(s))
		if n := len(out); n > 0 && out[n-1].At == v {
			out[n-1].Share = share
			continue
		}
		out = append(out, Rise{v, share})
	}
	return out
}
