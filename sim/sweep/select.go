package sweep

import (
	"math"
	"slices"
)

// Values yields numbers one after the other, the same each time it is called.
type Values func(yield func(float64)) error

// fewValues are sorted in memory.
const fewValues = 1 << 16

// Select finds the values at the given ranks (from 0) among n, exactly, in memory that
// does not depend on n. Few values are sorted; of many, the digits are counted, the
// highest first: each pass over the values learns 11 more bits of every wanted one.
func selectRanks(values Values, n int, ranks []int) ([]float64, error) {
	if n <= fewValues {
		return selectSorted(values, n, ranks)
	}
	return selectByDigits(values, ranks)
}

func selectSorted(values Values, n int, ranks []int) ([]float64, error) {
	all := make([]float64, 0, n)
	if err := values(func(v float64) { all = append(all, v) }); err != nil {
		return nil, err
	}
	slices.Sort(all)
	out := make([]float64, len(ranks))
	for i, r := range ranks {
		out[i] = all[r]
	}
	return out, nil
}

const digit = 11 // bits of a pass

// search is a wanted value: the bits that are known of it, and its rank among the
// values that begin with them.
type search struct {
	prefix uint64
	rank   int
}

func selectByDigits(values Values, ranks []int) ([]float64, error) {
	searches := make([]search, len(ranks))
	for i, r := range ranks {
		searches[i].rank = r
	}
	for known := 0; known < 64; {
		bits := min(digit, 64-known)
		if err := learn(values, searches, known, bits); err != nil {
			return nil, err
		}
		known += bits
	}
	out := make([]float64, len(ranks))
	for i, s := range searches {
		out[i] = fromKey(s.prefix)
	}
	return out, nil
}

// learn finds the next bits of each wanted value in one pass.
func learn(values Values, searches []search, known, bits int) error {
	var prefixes []uint64
	for _, s := range searches {
		prefixes = append(prefixes, s.prefix)
	}
	slices.Sort(prefixes)
	prefixes = slices.Compact(prefixes)
	counts := make([][1 << digit]int, len(prefixes))
	rest := 64 - known - bits
	err := values(func(v float64) {
		k := toKey(v)
		if i, ok := slices.BinarySearch(prefixes, k>>(rest+bits)); ok {
			counts[i][k>>rest&(1<<bits-1)]++
		}
	})
	for i := range searches {
		s := &searches[i]
		at, _ := slices.BinarySearch(prefixes, s.prefix)
		d := 0
		for s.rank >= counts[at][d] && d < 1<<bits-1 {
			s.rank -= counts[at][d]
			d++
		}
		s.prefix = s.prefix<<bits | uint64(d)
	}
	return err
}

// toKey maps a number to an integer of the same order.
func toKey(v float64) uint64 {
	b := math.Float64bits(v)
	if b>>63 == 1 {
		return ^b
	}
	return b | 1<<63
}

func fromKey(k uint64) float64 {
	if k>>63 == 1 {
		return math.Float64frombits(k &^ (1 << 63))
	}
	return math.Float64frombits(^k)
}
