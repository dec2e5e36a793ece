package main

import (
	"quorumlab/plots/folders"
	"quorumlab/plots/plans"
)

// writePlans leaves plan.json, plots and a report of one plan, or of two, in a folder of
// their own in dir.
func writePlans(dir string, ps []*plans.Planned) (into string, err error) {
	f := folders.PlanFolder{Plans: ps}
	if f.JSON, err = plansJSON(ps); err != nil {
		return "", err
	}
	if len(ps) == 2 {
		f.Differences = differences(ps)
	}
	return f.Leave(dir)
}
