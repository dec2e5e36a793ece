package lessons

import (
	"context"

	"quorumlab/scenarios"
	"quorumlab/sim/plan"
)

// PlanJudge judges a plan file by running the planner on it.
type PlanJudge struct {
	// Given reports a change to a part of the start that must stay as it is; nil: everything may change.
	Given func(in *plan.Input) error
	Must  []PlanCriterion
}

// PlanCriterion is one requirement for a plan.
type PlanCriterion struct {
	Points int
	What   string
	Hint   string
	Holds  func(p *plan.Plan) (ok bool, why string)
}

// Judge runs the planner on the answer.
func (j PlanJudge) Judge(_ context.Context, _ *Env, name string, answer []byte) ([]Mark, error) {
	var in plan.Input
	doc, err := scenarios.ReadDocument(name, "a plan", answer, nil, &in)
	if err != nil {
		return nil, &BadAnswer{err}
	}
	for _, p := range in.Validate(doc.Names()...) {
		doc.Refuse(p.Field, p.Err)
	}
	if err := doc.Err(); err != nil {
		return nil, &BadAnswer{err}
	}
	p, err := plan.Make(in)
	if err != nil {
		return nil, &BadAnswer{err}
	}
	var given error
	if j.Given != nil {
		given = j.Given(&in)
	}
	var ms []Mark
	for _, c := range j.Must {
		if given != nil {
			ms = append(ms, Mark{What: c.What, Of: c.Points, Why: "not judged: " + given.Error(),
				Hint: "put back what the task specifies"})
			continue
		}
		ok, why := c.Holds(p)
		ms = append(ms, Marked(ok, c.Points, c.What, why, c.Hint))
	}
	return ms, nil
}
