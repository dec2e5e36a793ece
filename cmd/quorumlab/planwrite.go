package main

import (
	"quorumlab/internal/result"
	"quorumlab/plots/folders"
	"quorumlab/plots/plans"
)

// writePlans leaves plan.json, plots and a report of one plan, or of two, in a folder of
// their own.
func writePlans(at *result.Taken, ps []*plans.Planned) (err error) {
	f := folders.PlanFolder{Plans: ps}
	if f.JSON, err = plansJSON(ps); err != nil {
		return err
	}
	if len(ps) == 2 {
		f.Differences = differences(ps)
	}
	return f.Leave(at)
}
