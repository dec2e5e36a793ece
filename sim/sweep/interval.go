package sweep

import (
	"gonum.org/v1/gonum/mathext"
)

// confidence is the confidence level of all intervals.
const confidence = 0.95

// Intervals says how the intervals are computed, for people.
const Intervals = "95% confidence: shares by Clopper and Pearson (exact binomial), " +
	"quantiles by order statistics (distribution-free)"

// ShareInterval is the exact interval of Clopper and Pearson for a share, given hits
// in n trials. n is above 0.
func ShareInterval(hits, n int) (lo, hi float64) {
	const tail = (1 - confidence) / 2
	hi = 1
	if hits > 0 {
		lo = mathext.InvRegIncBeta(float64(hits), float64(n-hits+1), tail)
	}
	if hits < n {
		hi = mathext.InvRegIncBeta(float64(hits+1), float64(n-hits), 1-tail)
	}
	return lo, hi
}

// QuantileInterval is the interval for the q-quantile of any distribution from a
// sample of n: the quantile lies between the values at the ranks lo and hi (from 0).
// It is how many of n values fall below the quantile that decides, which is binomial
// whatever the distribution (David and Nagaraja, Order Statistics, section 7.1). A
// rank of -1 or n stands for an end that n values do not determine.
func QuantileInterval(q float64, n int) (lo, hi int) {
	const tail = (1 - confidence) / 2
	lo = firstRank(n, func(k int) bool { return atMost(k, n, q) > tail }) - 1
	hi = firstRank(n, func(k int) bool { return atMost(k, n, q) >= 1-tail })
	return lo, hi
}

// firstRank is the first k from 0 to n less 1 at which the condition, which stays true
// from there on, is true; n if there is none.
func firstRank(n int, ok func(k int) bool) int {
	lo, hi := 0, n
	for lo < hi {
		mid := (lo + hi) / 2
		if ok(mid) {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
}

// atMost is the probability of k hits or fewer in n, each with probability p.
func atMost(k, n int, p float64) float64 {
	switch {
	case k >= n:
		return 1
	case k < 0:
		return 0
	}
	return mathext.RegIncBeta(float64(n-k), float64(k+1), 1-p)
}
