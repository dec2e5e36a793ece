package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"quorumlab/plots"
	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/etcdsim/guard"
	"quorumlab/sim/plan"
	"quorumlab/sim/raftsim"
)

// writePlans leaves plan.json, plots and a report of one plan, or of two, in a folder of
// their own in dir. It is written beside and renamed when whole.
func writePlans(dir string, plans []*plots.Planned) (into string, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	tmp, remove, err := guard.TempDir(dir, ".writing-")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, remove()) }()
	if err := os.Chmod(tmp, 0o755); err != nil {
		return "", err
	}
	if err := fillPlanDir(tmp, plans); err != nil {
		return "", err
	}
	into = filepath.Join(dir, planName(plans))
	return into, replaceDir(tmp, into)
}

// planName is the folder's name: that of the files, or of a cluster by flags.
func planName(plans []*plots.Planned) string {
	var names []string
	for _, p := range plans {
		base := filepath.Base(p.Name)
		if p.Name == "" {
			base = "cluster"
		}
		names = append(names, strings.TrimSuffix(base, filepath.Ext(base)))
	}
	return strings.Join(append(names, "plan"), "-")
}

func fillPlanDir(dir string, plans []*plots.Planned) error {
	b, err := plansJSON(plans)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "plan.json"), b, 0o666); err != nil {
		return err
	}
	if len(plans) == 1 {
		if err := os.WriteFile(filepath.Join(dir, "planned.yaml"), scenarios.Format(plans[0].Scenario()), 0o666); err != nil {
			return err
		}
	}
	pictures, err := plots.DrawPlans(plans, true)
	if err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(dir, "plots"), 0o777); err != nil {
		return err
	}
	for _, p := range pictures {
		if err := writePicture(filepath.Join(dir, "plots", p.Name), p.SVG, p.PNG); err != nil {
			return err
		}
	}
	in := plots.PlanReportInput{Plans: plans, Pictures: pictures}
	if len(plans) == 2 {
		in.Differences = differences(plans)
	}
	return create(filepath.Join(dir, "report.html"), func(w io.Writer) error { return plots.PlanReport(w, in) })
}

// How much the simulator does for --check: enough for the 99th percentile of writes and the
// 90th of fail-overs.
const (
	checkedWrites    = 2000
	checkedFailovers = 200
)

// simulatePlan runs the planned cluster under its load, and then crashes its leader many
// times.
func simulatePlan(ctx context.Context, p *plan.Plan) (*plan.Simulated, error) {
	rate := p.Latency.Writes
	if rate == 0 || rate > p.Latency.Ceiling {
		rate = 1
	}
	s := p.WriteTrial(rate, time.Duration(checkedWrites/rate*float64(time.Second)), 1)
	rec := sim.NewRecorder(sim.AllKinds &^ sim.HighRate)
	if err := (raftsim.Engine{}).Run(ctx, s, rec, nil); err != nil {
		return nil, err
	}
	writes := plan.Answers(rec.Trace(s, "sim", version))
	failovers, err := simulateFailovers(ctx, p)
	if err != nil {
		return nil, err
	}
	return p.Lay(writes, failovers), nil
}

func simulateFailovers(ctx context.Context, p *plan.Plan) (took []float64, err error) {
	if p.Input.Members < 3 {
		return nil, nil
	}
	for seed := range uint64(checkedFailovers) {
		s := p.FailoverTrial(seed + 1)
		m := check.MeasureNamed("failover").Meter(s)
		rec := sim.NewRecorder(0, m)
		check.Until(rec, s)
		if err := (raftsim.Engine{}).Run(ctx, s, rec, nil); err != nil {
			return nil, err
		}
		if v, ok := m.Value(); ok {
			took = append(took, v)
		}
	}
	slices.Sort(took)
	return took, nil
}
