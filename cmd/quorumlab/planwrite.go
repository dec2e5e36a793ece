package main

import (
	"quorumlab/plots"
	"quorumlab/plots/folders"
)

// writePlans leaves plan.json, plots and a report of one plan, or of two, in a folder of
// their own in dir.
func writePlans(dir string, plans []*plots.Planned) (into string, err error) {
	f := folders.PlanFolder{Plans: plans}
	if f.JSON, err = plansJSON(plans); err != nil {
		return "", err
	}
	if len(plans) == 2 {
		f.Differences = differences(plans)
	}
	return f.Leave(dir)
}
