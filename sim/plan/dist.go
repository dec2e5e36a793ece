package plan

import (
	"math"
	"sort"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"quorumlab/sim"
)

// dist is the distribution of a time, in milliseconds, as a cumulative function on an even
// grid: dist[i] is P(T <= i*step). Sums of independent times are convolutions on it.
type dist struct {
	step float64
	cum  []float64
}

// gridPoints is how fine the grids are: a quantile is off by at most one part in this of the
// grid's end.
const gridPoints = 2048

// gridFor is the step of a grid that reaches to the end of the sum of the distributions.
func gridFor(ls ...sim.Distribution) float64 {
	end := 0.0
	for _, l := range ls {
		end += top(l)
	}
	return max(end, 1e-3) / (gridPoints - 1)
}

// top is the distribution's largest value in milliseconds.
func top(l sim.Distribution) float64 {
	if l.P99 > 0 {
		return ms(l.P50) * math.Pow(ms(l.P99)/ms(l.P50), z(0.9995)/z(0.99))
	}
	if points, tail := l.Points(); points != nil {
		return ms(tail.Value)
	}
	return ms(l.Hi)
}

func ms(d time.Duration) float64 { return sim.MillisOf(d) }

// z is the quantile of the standard normal distribution.
func z(p float64) float64 { return distuv.UnitNormal.Quantile(p) }

// cdf is P(T <= x ms) by the distribution: sim.Distribution's log-normal, cut off at 0.9995.
func cdf(l sim.Distribution, x float64) float64 {
	switch {
	case l.P99 > 0:
		if x <= 0 {
			return 0
		}
		if x >= top(l) {
			return 1
		}
		return distuv.UnitNormal.CDF(math.Log(x/ms(l.P50)) / math.Log(ms(l.P99)/ms(l.P50)) * z(0.99))
	case l.Measured():
		return piecewise(l, x)
	case l.Lo == l.Hi:
		if x >= ms(l.Lo) {
			return 1
		}
		return 0
	case x <= ms(l.Lo):
		return 0
	}
	return min(1, (x-ms(l.Lo))/ms(l.Hi-l.Lo))
}

// piecewise is P(T <= x ms) of a distribution through several quantiles.
func piecewise(l sim.Distribution, x float64) float64 {
	points, tail := l.Points()
	switch {
	case x <= 0:
		return 0
	case x >= ms(tail.Value):
		return 1
	}
	at := func(p sim.DistributionPoint) (z0, log float64) {
		return z(float64(p.Share) / float64(sim.Whole)), math.Log(ms(p.Value))
	}
	i := 1
	for i < len(points)-1 && ms(points[i].Value) <= x {
		i++
	}
	z0, log0 := at(points[i-1])
	z1, log1 := at(points[i])
	if log1 == log0 { // as many times lie between them as at one
		if x < ms(points[i].Value) {
			return 0
		}
		return float64(points[i].Share) / float64(sim.Whole)
	}
	place := z0 + (z1-z0)*(math.Log(x)-log0)/(log1-log0)
	end := float64(tail.Share) / float64(sim.Whole)
	return max(1-end, min(distuv.UnitNormal.CDF(place), end))
}

// onGrid puts a distribution on a grid.
func onGrid(l sim.Distribution, step float64) dist {
	d := dist{step: step, cum: make([]float64, gridPoints)}
	for i := range d.cum {
		d.cum[i] = cdf(l, (float64(i)+0.5)*step)
	}
	d.cum[gridPoints-1] = 1
	return d
}

// plus is the distribution of the sum of two independent times.
func (d dist) plus(e dist) dist {
	sum := dist{step: d.step, cum: make([]float64, len(d.cum))}
	before := 0.0
	for i, c := range d.cum {
		p := c - before
		before = c
		if p == 0 {
			continue
		}
		for j := 0; i+j < len(sum.cum); j++ {
			sum.cum[i+j] += p * e.cum[j]
		}
	}
	return sum
}

// quantile is the smallest time, in milliseconds, that the share p of times does not pass.
func (d dist) quantile(p float64) float64 {
	i := sort.SearchFloat64s(d.cum, p-1e-12)
	return float64(min(i, len(d.cum)-1)) * d.step
}

// mean is the mean in milliseconds.
func (d dist) mean() (m float64) {
	for _, c := range d.cum {
		m += (1 - c) * d.step
	}
	return m
}

// at is P(T <= x ms).
func (d dist) at(x float64) float64 {
	i := int(x / d.step)
	switch {
	case x < 0:
		return 0
	case i >= len(d.cum):
		return 1
	}
	return d.cum[i]
}

// meanOf is the mean of a distribution in milliseconds.
func meanOf(l sim.Distribution) float64 { return onGrid(l, gridFor(l)).mean() }
