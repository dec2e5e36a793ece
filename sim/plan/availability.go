package plan

import (
	"math"
	"time"

	"gonum.org/v1/gonum/stat/combin"
)

// Unavailability is the share of time in which fewer than a quorum of n members are
// up, when each is down for the share u of time, whatever the others are. It is the
// lower tail of the binomial distribution.
func Unavailability(n int, u float64) float64 {
	down := 0.0
	for up := range Quorum(n) {
		down += exactly(n, up, u)
	}
	return down
}

// exactly is the probability that just up of n members are up.
func exactly(n, up int, u float64) float64 {
	return float64(combin.Binomial(n, up)) * math.Pow(1-u, float64(up)) * math.Pow(u, float64(n-up))
}

// Repair is how often a member, or a zone, is lost and how long it takes to come back: means
// of exponential times, the usual model of repairable systems.
type Repair struct{ MTTF, MTTR time.Duration }

// Share is the share of time in which it is down: MTTR / (MTTF + MTTR). A zero
// Repair is never down.
func (r Repair) Share() float64 {
	if r.MTTF <= 0 {
		return 0
	}
	return float64(r.MTTR) / (float64(r.MTTF) + float64(r.MTTR))
}

// Year is the time that losses and downtime are counted over: 365.25 days.
const Year = time.Duration(365.25 * 24 * float64(time.Hour))

// LossesPerYear is how often n members with a quorum lose it, in the long run: the rate
// at which the state "just a quorum is up" loses one more (a birth and death process, as in any
// text on repairable systems).
func LossesPerYear(n int, r Repair) float64 {
	if r.MTTF <= 0 {
		return 0
	}
	q := Quorum(n)
	perYear := float64(Year) / float64(r.MTTF)
	return float64(q) * perYear * exactly(n, q, r.Share())
}

// YearsToFirstLoss is the mean time from all n members up to the first loss of
// the quorum, by the passage times h_i from i members up to i-1:
//
//	h_n = 1/(n l),  h_i = 1/(i l) + (n-i) m / (i l) h_(i+1)
//
// with l = 1/MTTF and m = 1/MTTR (every member that is down is repaired at once).
func YearsToFirstLoss(n int, r Repair) float64 {
	if r.MTTF <= 0 {
		return math.Inf(1)
	}
	l := float64(Year) / float64(r.MTTF)
	m := 0.0
	if r.MTTR > 0 {
		m = float64(Year) / float64(r.MTTR)
	}
	var h, years float64
	for i := n; i >= Quorum(n); i-- {
		if r.MTTR == 0 && i < n {
			return math.Inf(1)
		}
		h = 1/(float64(i)*l) + float64(n-i)*m/(float64(i)*l)*h
		years += h
	}
	return years
}
