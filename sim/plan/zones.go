package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Placement is how many members are in each zone.
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

// Survives reports whether a quorum is left when zone z is lost with all its members.
func (p Placement) Survives(z int) bool {
	return p.Members()-p[z] >= Quorum(p.Members())
}

// Unavailability is the share of time without a quorum, when each member is down for the share u
// of time and each zone, with everything in it, for the share z: the sum over
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

// Spread places n members over up to k zones as evenly as possible.
func spreadOver(n, k int) Placement {
	p := make(Placement, min(n, k))
	for i := range n {
		p[i%len(p)]++
	}
	return p
}

// Uptime is what members that fail by r, in zones that fail by z, have of their quorum.
// A zone's outage takes everything in it along; members fail meanwhile too.
func (p Placement) Uptime(r, z Repair) Uptime {
	return uptime(p.Unavailability(r.Share(), z.Share()), p.losses(r, z))
}

// losses is how often a year the quorum is lost: over all states with a quorum, the
// probability of the state times the rate at which a single failure ends it. A state is
// the set of zones that stand; of the members in them only the number that is up
// matters, as any may fail.
func (p Placement) losses(r, z Repair) (perYear float64) {
	need := Quorum(p.Members())
	for state := range 1 << len(p) {
		weight, standing := 1.0, p.standing(state)
		for i := range p {
			if state>>i&1 == 1 {
				weight *= 1 - z.Share()
			} else {
				weight *= z.Share()
			}
		}
		if standing < need {
			continue
		}
		perYear += weight * exactly(standing, need, r.Share()) * float64(need) * r.perYear()
		for i, k := range p {
			if state>>i&1 == 1 {
				perYear += weight * z.perYear() * lostWith(standing, k, need, r.Share())
			}
		}
	}
	return perYear
}

// standing is how many members are in the zones of the state.
func (p Placement) standing(state int) (n int) {
	for i, k := range p {
		if state>>i&1 == 1 {
			n += k
		}
	}
	return n
}

// lostWith is the probability that of standing members need are up, but not so without
// the k in one zone.
func lostWith(standing, k, need int, u float64) (sum float64) {
	rest := standing - k
	for up := 0; up <= min(rest, need-1); up++ {
		enough := 0.0
		for with := max(0, need-up); with <= k; with++ {
			enough += exactly(k, with, u)
		}
		sum += exactly(rest, up, u) * enough
	}
	return sum
}

// Zones is what the loss of zones does, and how else the members could be placed.
type Zones struct {
	Answer
	Rows       []ZoneRow      `json:"zones"`
	Placements []PlacementRow `json:"placements"` // of as many members in as many zones, best first
}

// ZoneRow is a zone and what its loss leaves.
type ZoneRow struct {
	Zone     string `json:"zone"` // a, b, c, ...
	Members  int    `json:"members"`
	Left     int    `json:"left"` // members when it is lost
	Survives bool   `json:"quorum_survives"`
}

// PlacementRow is a way to spread the members.
type PlacementRow struct {
	Placement Placement `json:"placement"`
	Chosen    bool      `json:"chosen"` // it is the plan's
	AnyZone   bool      `json:"survives_any_zone"`
	Uptime
}

func zones(in *Input) Zones {
	p, out := in.Zones, Zones{}
	if len(p) == 0 {
		out.Rows, out.Placements = []ZoneRow{}, []PlacementRow{}
		out.Text = fmt.Sprintf("No zones are given, so members fail independently. To count what takes out several at once, "+
			"like a room or a rack, give zones, like %s.", spreadOver(in.Members, 3))
		out.Rule = "members fail independently of each other"
		out.Source = "the input: no zones"
		return out
	}
	breaks := []string{}
	for i, k := range p {
		row := ZoneRow{Zone: string(rune('a' + i)), Members: k, Left: p.Members() - k, Survives: p.Survives(i)}
		out.Rows = append(out.Rows, row)
		if !row.Survives {
			breaks = append(breaks, row.Zone)
		}
	}
	out.Placements = placements(in)
	switch best := out.Placements[0]; {
	case len(breaks) == 0:
		out.Text = fmt.Sprintf("%s survives the loss of any one zone.", p)
	case best.AnyZone:
		out.Text = fmt.Sprintf("The loss of zone %s breaks the quorum of %s; %s survives any.", strings.Join(breaks, " or "),
			p, best.Placement)
	default:
		out.Text = fmt.Sprintf("The loss of zone %s breaks the quorum of %s; %s to survive any.",
			strings.Join(breaks, " or "), p, advice(p))
	}
	if best := out.Placements[0]; !best.Chosen && in.Zones.String() != best.Placement.String() {
		out.Text += fmt.Sprintf(" The best placement in these zones is %s: %s a year.", best.Placement,
			spell(best.DowntimeSeconds))
	}
	out.Rule = "a zone's loss breaks the quorum if fewer than floor(n/2)+1 members are elsewhere; best: the lowest " +
		"unavailability, then the fewest zones"
	out.Source = "all placements enumerated; each zone is down MTTR/(MTTF+MTTR) of the time"
	return out
}

// advice is what it takes to survive any zone.
func advice(p Placement) string {
	if len(p) < 3 {
		return "it takes three zones"
	}
	return "it takes three members"
}

func placements(in *Input) (rows []PlacementRow) {
	own := slices.Clone(in.Zones)
	slices.SortFunc(own, func(a, b int) int { return b - a })
	for _, p := range Placements(in.Members, len(in.Zones)) {
		row := PlacementRow{Placement: p, Chosen: slices.Equal(p, own), AnyZone: true,
			Uptime: p.Uptime(in.member(), in.zone())}
		for z := range p {
			row.AnyZone = row.AnyZone && p.Survives(z)
		}
		rows = append(rows, row)
	}
	best := Best(in.Members, len(in.Zones), in.member().Share(), in.zone().Share())
	slices.SortStableFunc(rows, func(a, b PlacementRow) int {
		if isA, isB := slices.Equal(a.Placement, best), slices.Equal(b.Placement, best); isA != isB {
			if isA {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.Unavailability, b.Unavailability)
	})
	return rows
}
