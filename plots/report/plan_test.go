package report

import (
	"bytes"
	"strings"
	"testing"

	"quorumlab/plots/plans"
	"quorumlab/sim/plan"
)

// Two plans share the axes where there are some, and the report tells of both.
func TestPlanReport(t *testing.T) {
	ps := []*plans.Planned{members(t, "a.yaml", 3), members(t, "b.yaml", 5)}
	pictures, err := plans.Draw(ps, false)
	if err != nil {
		t.Fatal(err)
	}
	var named []string
	for _, p := range pictures {
		named = append(named, p.Name)
	}
	again, _ := plans.Draw(ps, false)
	for i, p := range pictures {
		if !bytes.Equal(p.SVG, again[i].SVG) {
			t.Errorf("%s is drawn in two ways", p.Name)
		}
	}
	if got := strings.Join(named, " "); !strings.Contains(got, "zones-1 zones-2") || !strings.Contains(got, "latency") ||
		strings.Contains(got, "latency-2") {
		t.Errorf("pictures are %s", got)
	}
	var b bytes.Buffer
	in := PlanInput{Plans: ps, Pictures: pictures, Differences: []Difference{{"members", [2]string{"3", "5"}}}}
	if err := Plan(&b, in); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Two clusters side by side", "a.yaml", "<b>members</b>", "Compared with the simulator",
		"Rule: quorum", "By default: members", "Given: "} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the report lacks %q", want)
		}
	}
}

// members is the plan of a cluster of so many, with something simulated.
func members(t *testing.T, name string, n int) *plans.Planned {
	t.Helper()
	var in plan.Input
	in.SetDefaults()
	in.Zones = plan.Placement{n - 2, 1, 1}
	p, err := plan.Make(in)
	if err != nil {
		t.Fatal(err)
	}
	return &plans.Planned{Plan: p, Name: name, Simulated: p.Lay([]float64{1, 2, 3}, []float64{900, 1000})}
}
