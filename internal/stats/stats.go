// Package stats has the one definition of a quantile that is used everywhere here: the nearest rank.
//
// The p-quantile of n values is the smallest of them that at least a share p of all does not exceed
// (Hyndman and Fan's definition 1). It is always a value that occurred, which an interpolated one need
// not be: "the 99th percentile took 1.2 s" is then about an operation that can be looked up.
package stats

import (
	"cmp"
	"math"
	"slices"
)

// Rank is the index, from 0, of the p-quantile among n sorted values; p is from 0 to 1. It is -1 if
// there are no values.
func Rank(p float64, n int) int {
	if n == 0 {
		return -1
	}
	// A share such as 0.07 is a little more than seven hundredths as a float.
	const slack = 1e-9
	return min(max(int(math.Ceil(p*float64(n)-slack))-1, 0), n-1)
}

// Quantile is the p-quantile of sorted values; the zero value if there are none.
func Quantile[T cmp.Ordered](sorted []T, p float64) (v T) {
	if i := Rank(p, len(sorted)); i >= 0 {
		v = sorted[i]
	}
	return v
}

// Median is the median of values in any order; the zero value if there are none.
func Median[T cmp.Ordered](values []T) T {
	return Quantile(slices.Sorted(slices.Values(values)), 0.5)
}
