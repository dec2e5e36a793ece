// Package stats has the one quantile that everything here means by that word: the nearest rank.
//
// The p-quantile of n values is the smallest of them that at least a share p of all do not exceed
// (Hyndman and Fan's definition 1). It is always a value that occurred, which an interpolated one need
// not be: "the 99th percentile took 1.2 s" is then about an operation that can be looked up.
package stats

import (
	"cmp"
	"math"
	"slices"
)

// Rank is the place, from 0, of the p-quantile among n sorted values; p is from 0 to 1. It is -1 when
// there is no value.
func Rank(p float64, n int) int {
	if n == 0 {
		return -1
	}
	// A share such as 0.07 is a little more than seven hundredths as a float.
	const slack = 1e-9
	return min(max(int(math.Ceil(p*float64(n)-slack))-1, 0), n-1)
}

// Quantile is the p-quantile of values that are sorted; the zero value when there is none.
func Quantile[T cmp.Ordered](sorted []T, p float64) (v T) {
	if i := Rank(p, len(sorted)); i >= 0 {
		v = sorted[i]
	}
	return v
}

// Median is the half-quantile of values in any order; the zero value when there is none.
func Median[T cmp.Ordered](values []T) T {
	return Quantile(slices.Sorted(slices.Values(values)), 0.5)
}
