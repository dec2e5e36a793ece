package sizingandquorum

import (
	"context"
	"fmt"
	"strings"
	"time"

	"quorumlab/lessons"
	"quorumlab/sim"
	"quorumlab/sim/plan"
)

// placements are those that the step compares.
var placements = []plan.Placement{{2, 1}, {1, 1, 1}, {2, 2}, {3, 2}, {2, 2, 1}}

// placed is what became of a placement when each of its zones was lost.
type placed struct {
	plan.Placement
	GoesOn []bool // by zone
}

// zones cuts off each zone of each placement, and asks the planner.
func zones(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o := &lessons.Observations{}
	var ps []placed
	agree := "yes"
	for _, p := range placements {
		env.Say("%s on sim, each zone cut off", p)
		x := placed{Placement: p}
		for z := range p {
			goesOn, err := survives(ctx, env, p, z)
			if err != nil {
				return nil, err
			}
			x.GoesOn = append(x.GoesOn, goesOn)
			if goesOn != p.Survives(z) {
				agree = fmt.Sprintf("not for zone %s of %s", zoneName(z), p)
			}
		}
		ps = append(ps, x)
		o.Tell("survives."+inName(p), x.survived(), "which zone "+p.String()+" can lose and still write")
	}
	o.Tell("plan.agrees", agree, "whether the planner says the same")
	tellPlan(o)
	return o, o.DrawExact(zonesChart(ps))
}

// inName is a placement as names of facts have it: 2-2-1.
func inName(p plan.Placement) string { return strings.ReplaceAll(p.String(), "+", "-") }

func zoneName(z int) string { return string(rune('a' + z)) }

// zoneLoss is a scenario in which one zone of a placement is cut off from the others.
func zoneLoss(p plan.Placement, lost int) string {
	var ms []string
	for z, n := range p {
		for range n {
			ms = append(ms, "{zone: "+zoneName(z)+"}")
		}
	}
	return fmt.Sprintf("cluster: {members: [%s]}\nworkload: {rate: 20/s, timeout: 2s}\nengines: [sim]\nrun: "+
		"14s\nsteps:\n  - {at: 4s, do: partition zone %s | rest}\n",
		strings.Join(ms, ", "), zoneName(lost))
}

// survives tells whether writes are acknowledged again after the zone is gone.
func survives(ctx context.Context, env *lessons.Env, p plan.Placement, lost int) (bool, error) {
	s, err := lessons.ScenarioRun{Name: "zone-loss", File: []byte(zoneLoss(p, lost))}.Load()
	if err != nil {
		return false, err
	}
	t, _, err := lessons.RunScenario(ctx, s, "sim", env.Version)
	if err != nil {
		return false, err
	}
	return acknowledgedElsewhere(t, s, zoneName(lost)), nil
}

// acknowledgedElsewhere tells whether a member outside of the zone, if one is named,
// acknowledged a write in the last four seconds.
func acknowledgedElsewhere(t *sim.Trace, s *sim.Scenario, zone string) bool {
	for i := range t.Events {
		e := &t.Events[i]
		if e.Kind == sim.KindReturn && e.Op.IsWrite() && e.Result == sim.OutcomeOK && e.At >= s.Run-4*time.Second &&
			(zone == "" || s.ZoneOf(e.Member) != zone) {
			return true
		}
	}
	return false
}

// survived says which zones can be lost.
func (p placed) survived() string {
	var can []string
	for z, goesOn := range p.GoesOn {
		if goesOn {
			can = append(can, zoneName(z))
		}
	}
	switch len(can) {
	case 0:
		return "none"
	case len(p.GoesOn):
		return "any"
	}
	return "only " + strings.Join(can, " or ")
}

// tellPlan adds what the planner says of the same placements.
func tellPlan(o *lessons.Observations) {
	var in plan.Input
	in.SetDefaults()
	t := lessons.Table{Name: "planned", Title: "The planner's estimate: members fail every 90 days for 4 hours, zones " +
		"once a year for 2", Exact: true,
		Head: []string{"placement", "survives any zone", "without a quorum, per year"}}
	for _, p := range placements {
		down := uptimeOf(in, p).DowntimeSeconds * 1000
		o.Facts = append(o.Facts, lessons.Fact{Name: "downtime." + inName(p), Value: down, Unit: sim.Millis, Exact: true,
			About: "the planner's expected time without a quorum per year, for " + p.String()})
		t.Rows = append(t.Rows, []string{p.String(), lessons.YesNo(weakest(p) < 0), plan.Spell(down)})
	}
	o.Tables = append(o.Tables, t)
}
