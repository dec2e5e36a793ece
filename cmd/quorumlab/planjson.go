package main

import (
	"quorumlab/plots/plans"
	"quorumlab/sim/plan"
	"quorumlab/sim/run"
)

// planJSON is a plan for programs (format 2). Times are milliseconds unless their name
// says otherwise, sizes bytes, shares 0 to 1.
type planJSON struct {
	Format         int                        `json:"format"`
	Version        string                     `json:"version"`
	File           string                     `json:"file,omitempty"`
	Assumptions    map[string]plan.Assumption `json:"assumptions"` // all fields of the input that the plan rests on
	Members        int                        `json:"members"`
	Placement      plan.Placement             `json:"placement"` // empty without zones
	Quorum         int                        `json:"quorum"`
	Tolerates      int                        `json:"tolerates"`
	Unavailability float64                    `json:"unavailability"`
	Downtime       float64                    `json:"downtime_s_per_year"`
	Losses         float64                    `json:"losses_per_year"`
	FirstLoss      float64                    `json:"mean_years_to_first_loss"` // members alone; 0: never
	Zones          []plan.ZoneRow             `json:"zones"`
	Placements     []plan.PlacementRow        `json:"placements"`
	ByMembers      []plan.MembersRow          `json:"by_members"`
	Election       plan.ElectionTimeouts      `json:"election"`
	Failover       plan.Failover              `json:"failover"`
	Latency        plan.Commit                `json:"latency"`
	Growth         plan.Growth                `json:"growth"`
	Resources      plan.Resources             `json:"resources"`
	Recovery       plan.Recovery              `json:"recovery"`
	Answers        map[string]plan.Answer     `json:"answers"` // those of quorum, availability, zones
	Simulated      *plan.Simulated            `json:"simulated,omitempty"`
}

func planOf(p *plans.Planned) planJSON {
	assumed := map[string]plan.Assumption{}
	for _, a := range p.Assumptions {
		assumed[a.Name] = a
	}
	return planJSON{
		Assumptions: assumed,
		Format:      run.JSONFormat, Version: version, File: p.Name, Simulated: p.Simulated,
		Members: p.Input.Members, Placement: p.Input.Zones,
		Quorum: p.Quorum.Quorum, Tolerates: p.Quorum.Tolerates,
		Unavailability: p.Availability.Unavailability, Downtime: p.Availability.DowntimeSeconds,
		Losses: p.Availability.LossesPerYear, FirstLoss: p.FirstLoss(),
		Zones: p.Zones.Rows, Placements: p.Zones.Placements, ByMembers: p.Availability.ByMembers,
		Election: p.Election, Failover: p.Failover, Latency: p.Latency, Growth: p.Growth,
		Resources: p.Resources, Recovery: p.Recovery,
		Answers: map[string]plan.Answer{"quorum": p.Quorum.Answer, "availability": p.Availability.Answer,
			"zones": p.Zones.Answer},
	}
}

// plansJSON is one plan as an object, two as an array.
func plansJSON(ps []*plans.Planned) ([]byte, error) {
	if len(ps) == 1 {
		return run.Indented(planOf(ps[0]))
	}
	var out []planJSON
	for _, p := range ps {
		out = append(out, planOf(p))
	}
	return run.Indented(out)
}
