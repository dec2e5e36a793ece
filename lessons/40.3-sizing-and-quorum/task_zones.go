package sizingandquorum

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"quorumlab/lessons"
	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/script"
)

//go:embed task-zones-start.yaml
var zonesStart []byte

// zonesGiven is all but where the members stand.
var zonesGiven = lessons.SameAs(zonesStart, func(s *sim.Scenario) { s.Cluster.Members = nil })

// mostPlaced is how many members the task allows.
const mostPlaced = 5

// judgeZones cuts off each zone of the answer, and crashes two members of it.
func judgeZones(ctx context.Context, env *lessons.Env, name string, answer []byte) ([]lessons.Mark, error) {
	s, err := scenarios.Parse(name, answer)
	if err != nil {
		return nil, &lessons.BadAnswer{Err: err}
	}
	given := zonesGiven(s)
	mark := func(ok bool, of int, what, why, hint string) lessons.Mark {
		if given != nil {
			ok, why, hint = false, "not judged: "+given.Error(), "put back what the task specifies"
		}
		return lessons.Marked(ok, of, what, why, hint)
	}
	var stops []string
	zs, crashed := zonesOf(s), false
	if given == nil {
		if stops, crashed, err = tryZones(ctx, env, s, zs); err != nil {
			return nil, err
		}
	}
	outcome := fmt.Sprintf("each of the zones %s was cut off, and writes continued", strings.Join(zs, ", "))
	if len(stops) > 0 {
		outcome = "no writes without zone " + strings.Join(stops, ", nor without zone ")
	}
	if len(zs) == 0 {
		outcome = "no member is in a zone"
	}
	n := len(s.Cluster.Members)
	return []lessons.Mark{
		mark(len(zs) > 1 && len(stops) == 0, 3, "writes continue when any one zone is cut off", outcome,
			"whichever zone is lost, more than half of all members have to be in the others; with two zones that is impossible"),
		mark(crashed, 2, "writes continue when two members crash",
			fmt.Sprintf("with n1 and n2 of %d crashed, writes continued: %s", n, lessons.YesNo(crashed)),
			"n members survive the loss of floor((n-1)/2)"),
		mark(n <= mostPlaced, 1, "no more than five members", fmt.Sprintf("there are %d", n), "each extra member makes "+
			"every write slower"),
	}, nil
}

// zonesOf lists the zones in which members stand; one that stands in none is in "".
func zonesOf(s *sim.Scenario) (zs []string) {
	for _, m := range s.Cluster.Members {
		if m.Zone != "" && !slices.Contains(zs, m.Zone) {
			zs = append(zs, m.Zone)
		}
	}
	return zs
}

// tryZones tells without which zones nothing is written, and whether two crashes are survived.
func tryZones(ctx context.Context, env *lessons.Env, s *sim.Scenario, zs []string) (stops []string, crashed bool,
	err error) {
	for _, z := range zs {
		goesOn, err := writesGoOn(ctx, env, s, "partition zone "+z+" | rest", z)
		if err != nil {
			return nil, false, err
		}
		if !goesOn {
			stops = append(stops, z)
		}
	}
	if len(s.Cluster.Members) > 2 {
		crashed, err = writesGoOn(ctx, env, s, fmt.Sprintf("crash %s %s", s.MemberName(1), s.MemberName(2)), "")
	}
	return stops, crashed, err
}

// writesGoOn runs the scenario with one statement, and tells whether writes are acknowledged in the
// end outside of the zone that was lost.
func writesGoOn(ctx context.Context, env *lessons.Env, s *sim.Scenario, text, lost string) (bool, error) {
	env.Say("%s", text)
	do, err := script.Parse(text)
	if err != nil {
		return false, &lessons.BadAnswer{Err: err}
	}
	run := *s
	run.Steps = []sim.Step{{At: 4 * time.Second, Do: do}}
	t, _, err := lessons.RunScenario(ctx, &run, "sim", env.Version)
	if err != nil {
		return false, err
	}
	return acknowledgedElsewhere(t, &run, lost), nil
}
