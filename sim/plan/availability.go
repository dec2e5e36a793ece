package plan

import (
	"fmt"
	"math"
	"time"

	"gonum.org/v1/gonum/stat/combin"
)

// Unavailability is the share of time in which fewer than a quorum of n members are
// up, when each is down for the share u of time, independently of the others. It is the
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
// of exponential distributions, the usual model of repairable systems.
type Repair struct{ MTTF, MTTR time.Duration }

// Share is the share of time in which it is down: MTTR / (MTTF + MTTR). A zero
// Repair is never down.
func (r Repair) Share() float64 {
	if r.MTTF <= 0 {
		return 0
	}
	return float64(r.MTTR) / (float64(r.MTTF) + float64(r.MTTR))
}

// perYear is the rate of its failures.
func (r Repair) perYear() float64 {
	if r.MTTF <= 0 {
		return 0
	}
	return float64(Year) / float64(r.MTTF)
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
	return float64(q) * r.perYear() * exactly(n, q, r.Share())
}

// YearsToFirstLoss is the mean time from all n members up to the first loss of
// the quorum, by the passage times h_i from i members up to i-1:
//
//	h_n = 1/(n l),  h_i = 1/(i l) + (n-i) m / (i l) h_(i+1)
//
// with l = 1/MTTF and m = 1/MTTR (every member that is down is repaired at once).
func yearsToFirstLoss(n int, r Repair) float64 {
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

// Availability is how much of the time there is a quorum.
type Availability struct {
	Answer
	Uptime
	ByMembers []MembersRow `json:"by_members"`
}

// Uptime is how available a cluster's quorum is in the long run.
type Uptime struct {
	Unavailability     float64 `json:"unavailability"`       // share of time without a quorum
	DowntimeSeconds    float64 `json:"downtime_s_per_year"`  // expected
	LossesPerYear      float64 `json:"losses_per_year"`      // how often the quorum is lost
	YearsBetweenLosses float64 `json:"years_between_losses"` // mean; 0: it is never lost
	MeanOutageSeconds  float64 `json:"mean_outage_s"`        // how long a loss takes
}

func uptime(u, losses float64) Uptime {
	up := Uptime{Unavailability: u, DowntimeSeconds: u * Year.Seconds(), LossesPerYear: losses}
	if losses > 0 {
		up.YearsBetweenLosses = 1 / losses
		up.MeanOutageSeconds = up.DowntimeSeconds / losses
	}
	return up
}

// MembersRow is a number of members that fail by themselves, and the same members placed as
// well as the zones allow.
type MembersRow struct {
	Members   int       `json:"members"`
	Quorum    int       `json:"quorum"`
	Tolerates int       `json:"tolerates"`
	Alone     Uptime    `json:"alone"` // zones never fail
	YearsTo   float64   `json:"mean_years_to_first_loss"`
	Best      Placement `json:"best_placement"` // empty without zones
	Placed    Uptime    `json:"placed"`         // zones fail too, where there are some
}

// mostCounted is up to which number of members the table goes.
const mostCounted = 9

func availability(in *Input) Availability {
	a := Availability{Uptime: in.places().Uptime(in.member(), in.zone())}
	for n := 1; n <= mostCounted; n++ {
		a.ByMembers = append(a.ByMembers, membersRow(n, in))
	}
	who := fmt.Sprintf("%s is", in.Zones)
	if len(in.Zones) == 0 {
		who = fmt.Sprintf("%d members that fail independently are", in.Members)
		if in.Members == 1 {
			who = "One member is"
		}
	}
	a.Text = fmt.Sprintf("%s without a quorum for %s per year: it is lost once every %s, for %s on average.",
		who,
		spell(a.DowntimeSeconds), years(a.YearsBetweenLosses), spell(a.MeanOutageSeconds))
	if a.LossesPerYear == 0 {
		a.Text = "Members that are repaired instantly, in zones that never fail, never lose their quorum."
	}
	a.Rule = "sum over the states of zones and members, each down MTTR/(MTTF+MTTR) of the time; losses: the rate of " +
		"leaving the states that just have a quorum"
	a.Source = "binomial tail and birth-death process of repairable k-of-n systems; independent failures, all repairs " +
		"in parallel"
	return a
}

func membersRow(n int, in *Input) MembersRow {
	u, z := in.member(), in.zone()
	alone := uptime(Unavailability(n, u.Share()), LossesPerYear(n, u))
	var best Placement
	placed := alone
	if len(in.Zones) > 0 {
		best = Best(n, len(in.Zones), u.Share(), z.Share())
		placed = best.Uptime(u, z)
	}
	return MembersRow{
		Members: n, Quorum: Quorum(n), Tolerates: Tolerates(n),
		Alone:   alone,
		YearsTo: finite(yearsToFirstLoss(n, u)),
		Best:    best, Placed: placed,
	}
}

// finite turns what never comes into 0, as JSON has no infinity.
func finite(v float64) float64 {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return 0
	}
	return v
}
