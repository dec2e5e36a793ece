package sizingandquorum

import (
	"fmt"
	"time"

	"quorumlab/lessons"
	"quorumlab/sim/plan"
)

// The goal of the task: at most an hour a year without a quorum, in at most three zones.
const (
	goalSeconds = 3600.0
	goalZones   = 3
)

// planJudge plans the answer, and looks whether fewer members would do.
var planJudge = lessons.PlanJudge{
	Given: planGiven,
	Must: []lessons.PlanCriterion{
		{Points: 2, What: "at most one hour per year without a quorum", Holds: upEnough,
			Hint: "see what `quorumlab plan` says about each number of members, and where to place them"},
		{Points: 2, What: "the loss of any one zone is survived", Holds: survivesAny,
			Hint: "more than half of the members have to be outside the lost zone, whichever it is"},
		{Points: 1, What: "in at most three zones", Holds: fewZones, Hint: "there are only three zones"},
		{Points: 2, What: "with no more members than needed", Holds: fewest,
			Hint: "even sizes add no tolerance, and each extra member makes every write slower"},
	},
}

func planGiven(in *plan.Input) error {
	for _, f := range []struct{ name, got, want string }{
		{"mttf", in.MTTF.String(), "30d"}, {"mttr", in.MTTR.String(), "12h"},
		{"zone-mttf", in.ZoneMTTF.String(), "1y"}, {"zone-mttr", in.ZoneMTTR.String(), "4h"},
	} {
		if f.got != f.want {
			return fmt.Errorf("%s is %s, not %s", f.name, f.got, f.want)
		}
	}
	return nil
}

func uptimeOf(in plan.Input, p plan.Placement) plan.Uptime {
	return p.Uptime(
		plan.Repair{MTTF: time.Duration(in.MTTF), MTTR: time.Duration(in.MTTR)},
		plan.Repair{MTTF: time.Duration(in.ZoneMTTF), MTTR: time.Duration(in.ZoneMTTR)})
}

func upEnough(p *plan.Plan) (bool, string) {
	if len(p.Input.Zones) == 0 {
		return false, "no zones are given"
	}
	up := uptimeOf(p.Input, p.Input.Zones)
	return up.DowntimeSeconds <= goalSeconds, fmt.Sprintf("%s is without a quorum for %s per year", p.Input.Zones,
		plan.Spell(up.DowntimeSeconds*1000))
}

// weakest is a zone that the placement does not survive, or -1.
func weakest(p plan.Placement) int {
	for z := range p {
		if !p.Survives(z) {
			return z
		}
	}
	return -1
}

func survivesAny(p *plan.Plan) (bool, string) {
	if len(p.Input.Zones) == 0 {
		return false, "no zones are given"
	}
	if z := weakest(p.Input.Zones); z >= 0 {
		return false, fmt.Sprintf("%s has no quorum without zone %s", p.Input.Zones, zoneName(z))
	}
	return true, fmt.Sprintf("%s has a quorum without any one zone", p.Input.Zones)
}

func fewZones(p *plan.Plan) (bool, string) {
	n := len(p.Input.Zones)
	if n == 0 {
		return false, "no zones are given"
	}
	return n <= goalZones, fmt.Sprintf("%s uses %d", p.Input.Zones, n)
}

// fewest looks for a placement of fewer members that does as well. An answer that misses the goal
// has nothing to save.
func fewest(p *plan.Plan) (bool, string) {
	n := p.Input.Zones.Members()
	if !reaches(p.Input, p.Input.Zones) {
		return false, "the goal is not reached yet"
	}
	for k := 1; k < n; k++ {
		for _, other := range plan.Placements(k, goalZones) {
			if reaches(p.Input, other) {
				return false, fmt.Sprintf("%d members are enough, placed %s", k, other)
			}
		}
	}
	return true, fmt.Sprintf("no placement of fewer than %d members is enough", n)
}

func reaches(in plan.Input, p plan.Placement) bool {
	return weakest(p) < 0 && uptimeOf(in, p).DowntimeSeconds <= goalSeconds
}
