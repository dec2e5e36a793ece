package sizingandquorum

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"quorumlab/internal/text"
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

// judgeZones cuts off each zone of the answer, and crashes each two members of it.
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
	n, zs, nowhere := len(s.Cluster.Members), zonesOf(s), inNoZone(s)
	var stops, pairs []string
	if given == nil && n <= mostPlaced {
		if stops, pairs, err = tryZones(ctx, env, s, zs); err != nil {
			return nil, err
		}
	}
	outcome := fmt.Sprintf("each of the zones %s was cut off, and writes continued", strings.Join(zs, ", "))
	if len(stops) > 0 {
		outcome = "no writes without zone " + strings.Join(stops, ", nor without zone ")
	}
	if len(nowhere) > 0 {
		outcome = "without a zone, so the loss of any zone could take them: " + text.Names(nowhere)
	}
	crashes := fmt.Sprintf("any two of %d were crashed, and writes continued", n)
	if len(pairs) > 0 {
		crashes = fmt.Sprintf("of %d members, no writes without %s", n, strings.Join(pairs, ", nor without "))
	}
	if n > mostPlaced {
		outcome, crashes = "not judged with so many members", "not judged with so many members"
	}
	return []lessons.Mark{
		mark(n <= mostPlaced && len(nowhere) == 0 && len(zs) > 1 && len(stops) == 0, 3,
			"writes continue when any one zone is cut off", outcome,
			"whichever zone is lost, more than half of all members have to be in the others; with two zones that is impossible"),
		mark(n > 2 && n <= mostPlaced && len(pairs) == 0, 2, "writes continue when two members crash", crashes,
			"n voting members survive the loss of floor((n-1)/2)"),
		mark(n <= mostPlaced, 1, "no more than five members", fmt.Sprintf("there are %d", n),
			"each extra member makes every write slower"),
	}, nil
}

// zonesOf lists the zones in which members stand.
func zonesOf(s *sim.Scenario) (zs []string) {
	for _, m := range s.Cluster.Members {
		if m.Zone != "" && !slices.Contains(zs, m.Zone) {
			zs = append(zs, m.Zone)
		}
	}
	return zs
}

// inNoZone names the members that stand in no zone.
func inNoZone(s *sim.Scenario) (names []string) {
	for i, m := range s.Cluster.Members {
		if m.Zone == "" {
			names = append(names, s.MemberName(sim.MemberID(i+1)))
		}
	}
	return names
}

// tryZones tells without which zones, and without which two members, nothing is written.
func tryZones(ctx context.Context, env *lessons.Env, s *sim.Scenario, zs []string) (stops, pairs []string, err error) {
	for _, z := range zs {
		goesOn, err := writesGoOn(ctx, env, s, "partition zone "+z+" | rest", z)
		if err != nil {
			return nil, nil, err
		}
		if !goesOn {
			stops = append(stops, z)
		}
	}
	n := sim.MemberID(len(s.Cluster.Members))
	for a := sim.MemberID(1); a <= n && n > 2; a++ {
		for b := a + 1; b <= n; b++ {
			pair := s.MemberName(a) + " " + s.MemberName(b)
			goesOn, err := writesGoOn(ctx, env, s, "crash "+pair, "")
			if err != nil {
				return nil, nil, err
			}
			if !goesOn {
				pairs = append(pairs, pair)
			}
		}
	}
	return stops, pairs, nil
}

// writesGoOn runs the scenario with one statement, and tells whether writes are acknowledged in the
// end outside of the zone that was lost.
func writesGoOn(ctx context.Context, env *lessons.Env, s *sim.Scenario, statement, lost string) (bool, error) {
	env.Say("%s", statement)
	do, err := script.Parse(statement)
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
