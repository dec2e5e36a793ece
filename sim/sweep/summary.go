package sweep

import (
	"fmt"
	"math"
	"slices"

	"quorumlab/internal/stats"
	"quorumlab/sim"
)

// Summary sums up a sweep's trials.
type Summary struct {
	Design     *Design
	Variations []VariationSummary // as in the design
}

// VariationSummary sums up one variation.
type VariationSummary struct {
	Variation
	Failed   int // trials with a bad verdict
	Measures []MeasureSummary
	Failing  []Trial // the first ones that failed
	Blamed   string  // what failed most often in Failing, by the verdict's name; known once these are kept
}

// MostFailing is how many failing trials of a variation are kept.
const MostFailing = 3

// MeasureSummary sums up a measure over a variation's trials.
//
// Where the measure is the one that ends a run (Scenario.Until), a trial without it is
// one that took longer than its run: it counts as longer than all others, and a
// quantile may be NaN, which says that it lies beyond the run. Of any other measure such
// trials are left out.
type MeasureSummary struct {
	Reading sim.Reading
	Unit    sim.Unit
	N       int  // trials that count
	Absent  int  // trials without a value
	Beyond  bool // trials without a value count as beyond the run

	Min, P10, P50, P90, P99, Max float64
	Mean, Deviation              float64        // Mean is NaN when values lie beyond the run; Deviation is the sample's
	Share                        Interval       // of comparisons: the mean, with its interval
	At                           [3]Interval    // of P50, P90 and P99
	Curve                        []CurvePoint   // the empirical distribution
	Published                    []sim.Quantile // by others
}

// MeanHalfWidth is half the width of the mean's 95% interval, by the normal
// distribution: right for hundreds of trials, not for ten.
func (d *MeasureSummary) MeanHalfWidth() float64 {
	const z = 1.959964
	return z * d.Deviation / math.Sqrt(float64(max(d.N, 1)))
}

// Interval is a confidence interval; an end that the sample does not determine is NaN.
type Interval struct{ Lo, Hi float64 }

// CurvePoint says that a share of the trials had a value of at most this.
type CurvePoint struct{ Value, Share float64 }

// curvePoints is how finely a distribution is drawn, beside all of the lowest and
// highest few.
const curvePoints = 400

var named = []float64{0.5, 0.9, 0.99}

// Sum computes the result from the records of a whole sweep, or of the shard that the
// design says. until is the measure that ends the scenario's runs, if there is one.
func Sum(rs Records, until string) (*Summary, error) {
	res := &Summary{Design: rs.Design}
	place := 0
	for i, v := range rs.Design.Variations {
		n := rs.Design.ownOf(i)
		o := VariationSummary{Variation: v}
		o.Trials = n
		if err := o.verdicts(rs, place, place+n); err != nil {
			return nil, err
		}
		for f, reading := range rs.Design.Measures {
			d := MeasureSummary{Reading: reading, Unit: reading.Unit(), Beyond: reading.Is(until)}
			d.Published = rs.Design.published(v, f)
			if err := d.sum(rs, place, place+n, f); err != nil {
				return nil, fmt.Errorf("%s of %s: %w", reading, v.Name, err)
			}
			o.Measures = append(o.Measures, d)
		}
		res.Variations = append(res.Variations, o)
		place += n
	}
	return res, nil
}

// published are the quantiles that belong to the design's first measure.
func (p *Design) published(v Variation, measure int) []sim.Quantile {
	if measure > 0 {
		return nil
	}
	for i, at := range v.Points {
		if q := p.Axes[i].Points[at].Published; q != nil {
			return q
		}
	}
	return nil
}

// ownOf is how many of the shard's trials belong to a variation.
func (p *Design) ownOf(variation int) int {
	before := 0
	for _, v := range p.Variations[:variation] {
		before += v.Trials
	}
	upTo := func(n int) int { return (n - p.Shard + p.Shards) / p.Shards }
	return upTo(before+p.Variations[variation].Trials) - upTo(before)
}

func (o *VariationSummary) verdicts(rs Records, from, to int) error {
	return rs.Each(from, to, func(place int, r *Record) error {
		if r == nil {
			return fmt.Errorf("trial %d of %d is missing", place+1, rs.Design.Own())
		}
		if r.Failed {
			o.Failed++
			if len(o.Failing) < MostFailing {
				o.Failing = append(o.Failing, rs.Design.Trial(place))
			}
		}
		return nil
	})
}

// sum reads the measure's values, once for what adds up and then for the quantiles.
func (d *MeasureSummary) sum(rs Records, from, to, measure int) error {
	there, total, squares, hits := 0, 0.0, 0.0, 0
	err := rs.Each(from, to, func(_ int, r *Record) error {
		if v := r.Values[measure]; !math.IsNaN(v) {
			there++
			delta := v - total/float64(max(there-1, 1))
			total += v
			squares += delta * (v - total/float64(there)) // Welford's way, which loses no digits
			if v > 0 {
				hits++
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	d.N, d.Absent = there, to-from-there
	d.Mean = total / float64(there) // NaN without values
	d.Deviation = math.Sqrt(squares / float64(max(there-1, 1)))
	if d.Beyond {
		d.N = to - from
		if d.Absent > 0 {
			d.Mean = math.NaN()
		}
	}
	if d.Reading.Op != "" && d.N > 0 {
		d.Share.Lo, d.Share.Hi = ShareInterval(hits, d.N)
	}
	values := func(yield func(float64)) error {
		return rs.Each(from, to, func(_ int, r *Record) error {
			if v := r.Values[measure]; !math.IsNaN(v) {
				yield(v)
			}
			return nil
		})
	}
	return d.quantiles(values, there)
}

// quantiles fills in what is found by rank. there is how many values there are; those
// beyond the run have the ranks after them.
func (d *MeasureSummary) quantiles(values Values, there int) error {
	ranks := curveRanks(there)
	want := []*float64{}
	ask := func(rank int, into *float64) {
		*into = math.NaN()
		if rank >= 0 && rank < there {
			ranks, want = append(ranks, rank), append(want, into)
		}
	}
	curve := len(ranks)
	ask(0, &d.Min)
	ask(d.N-1, &d.Max)
	for _, q := range []struct {
		q    float64
		into *float64
	}{{0.1, &d.P10}, {0.5, &d.P50}, {0.9, &d.P90}, {0.99, &d.P99}} {
		ask(stats.Rank(q.q, d.N), q.into)
	}
	for i, q := range named {
		lo, hi := QuantileInterval(q, d.N)
		ask(lo, &d.At[i].Lo)
		ask(hi, &d.At[i].Hi)
	}
	found, err := selectRanks(values, there, ranks)
	if err != nil {
		return err
	}
	for i, into := range want {
		*into = found[curve+i]
	}
	for i, rank := range ranks[:curve] {
		d.Curve = append(d.Curve, CurvePoint{found[i], float64(rank+1) / float64(d.N)})
	}
	return nil
}

// curveRanks are the ranks of n values at which a curve is drawn: evenly spread, and
// each of the last few, where curves have their tail.
func curveRanks(n int) []int {
	const tail = 50
	var ranks []int
	for i := range min(n, curvePoints) {
		ranks = append(ranks, int(int64(i)*int64(n-1)/int64(max(1, min(n, curvePoints)-1))))
	}
	for r := max(0, n-tail); r < n; r++ {
		ranks = append(ranks, r)
	}
	slices.Sort(ranks)
	return slices.Compact(ranks)
}

// Failed is the number of trials that failed.
func (r *Summary) Failed() (n int) {
	for _, o := range r.Variations {
		n += o.Failed
	}
	return n
}
