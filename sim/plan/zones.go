package plan

import (
	"fmt"
	"slices"
	"strings"
)

// Placement is how many members stand in each zone.
type Placement []int

// Members is how many there are in all zones.
func (p Placement) Members() (n int) {
	for _, k := range p {
		n += k
	}
	return n
}

// String is the form "2+2+1".
func (p Placement) String() string {
	s := make([]string, len(p))
	for i, k := range p {
		s[i] = fmt.Sprint(k)
	}
	return strings.Join(s, "+")
}

// Survives tells whether a quorum is left when zone z is lost with all its members.
func (p Placement) Survives(z int) bool {
	return p.Members()-p[z] >= Quorum(p.Members())
}

// Unavailability is the share of time without a quorum, when each member is down for the share u
// of time and each zone, with all that stands in it, for the share z: the sum over
// all states of the zones. At most 20 zones; the sum has two to their number of terms.
func (p Placement) Unavailability(u, z float64) float64 {
	total := 0.0
	need := Quorum(p.Members())
	for state := range 1 << len(p) {
		weight, standing := 1.0, 0
		for i, k := range p {
			if state>>i&1 == 1 {
				weight *= 1 - z
				standing += k
			} else {
				weight *= z
			}
		}
		total += weight * fewer(standing, need, u)
	}
	return total
}

// fewer is the probability that fewer than need of n members are up.
func fewer(n, need int, u float64) (sum float64) {
	for up := 0; up < min(need, n+1); up++ {
		sum += exactly(n, up, u)
	}
	return sum
}

// Placements lists every way to spread n members over up to zones zones, larger zones first,
// each zone that is listed with a member at least.
func Placements(n, zones int) (all []Placement) {
	var place func(left, most int, so Placement)
	place = func(left, most int, so Placement) {
		if left == 0 {
			all = append(all, slices.Clone(so))
			return
		}
		if len(so) == zones {
			return
		}
		for k := min(left, most); k > 0; k-- {
			place(left-k, k, append(so, k))
		}
	}
	place(n, n, nil)
	return all
}

// Best is the placement of n members over up to zones zones with the least
// unavailability; of equal ones that with the fewest zones, as each is a place to
// run, then that whose largest zone is the smallest.
func Best(n, zones int, u, z float64) Placement {
	all := Placements(n, zones)
	best := all[0]
	for _, p := range all[1:] {
		have, better := best.Unavailability(u, z), p.Unavailability(u, z)
		switch {
		case better < have*(1-1e-9):
			best = p
		case better <= have*(1+1e-9) && (len(p) < len(best) || len(p) == len(best) && p[0] < best[0]):
			best = p
		}
	}
	return best
}
