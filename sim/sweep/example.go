package sweep

import (
	"errors"
	"math"

	"quorumlab/internal/stats"
	"quorumlab/sim"
)

// ErrNoExample is the error for an example that the trials do not have.
var ErrNoExample = errors.New("no trial fits")

// errFound ends a search.
var errFound = errors.New("found")

// Example finds the first trial at a quantile of the first measure of a variation.
func (r *Summary) Example(rs Records, e sim.Example) (t Trial, value float64, err error) {
	from := 0
	for i, o := range r.Variations {
		n := rs.Design.ownOf(i)
		if o.Name != e.Variation {
			from += n
			continue
		}
		values := func(yield func(float64)) error {
			return rs.Each(from, from+n, func(_ int, rec *Record) error {
				if v := rec.Values[0]; !math.IsNaN(v) {
					yield(v)
				}
				return nil
			})
		}
		there := n - o.Measures[0].Absent
		rank := stats.Rank(float64(e.Quantile)/float64(sim.Whole), n)
		if rank >= there {
			return t, 0, ErrNoExample
		}
		found, err := selectRanks(values, there, []int{rank})
		if err != nil {
			return t, 0, err
		}
		err = rs.Each(from, from+n, func(place int, rec *Record) error {
			if rec.Values[0] == found[0] {
				t = rs.Design.Trial(place)
				return errFound
			}
			return nil
		})
		if errors.Is(err, errFound) {
			return t, found[0], nil
		}
		return t, 0, errors.Join(err, ErrNoExample)
	}
	return t, 0, ErrNoExample
}
