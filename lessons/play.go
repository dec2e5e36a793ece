package lessons

import (
	"context"
	"fmt"
)

// PlayedStep is a step that was played.
type PlayedStep struct {
	Step         *LessonStep
	Observations *Observations
	Findings     []Finding // in the order of the step's claims
}

// Holds reports whether every claim holds.
func (r *PlayedStep) Holds() bool {
	for _, f := range r.Findings {
		if !f.Holds {
			return false
		}
	}
	return true
}

// Play runs the step and checks its claims against the outcome. Errors are the run's, and
// an incomplete outcome.
func (s *LessonStep) Play(ctx context.Context, env *Env) (*PlayedStep, error) {
	o, err := s.Run.Do(ctx, env)
	if err != nil {
		return nil, err
	}
	if err := o.validate(s); err != nil {
		return nil, fmt.Errorf("step %s: %w", s.ID, err)
	}
	r := &PlayedStep{Step: s, Observations: o}
	for _, c := range s.Claims {
		r.Findings = append(r.Findings, c.Check(o))
	}
	return r, nil
}

// validate reports what is duplicated, malformed or missing in an outcome.
func (o *Observations) validate(s *LessonStep) error {
	names := map[string]bool{}
	once := func(kind, name string) error {
		if name == "" || names[kind+name] {
			return fmt.Errorf("duplicate %s %q", kind, name)
		}
		names[kind+name] = true
		return nil
	}
	for _, f := range o.Facts {
		if err := once("fact", f.Name); err != nil {
			return err
		}
	}
	for _, t := range o.Tables {
		if err := once("table", t.Name); err != nil {
			return err
		}
		for i, row := range t.Rows {
			if len(row) != len(t.Head) {
				return fmt.Errorf("row %d of table %s has %d cells for %d columns", i+1, t.Name, len(row), len(t.Head))
			}
		}
	}
	for _, p := range o.Pictures {
		if err := once("picture", p.Name); err != nil {
			return err
		}
	}
	for _, p := range s.Predictions {
		if !names["fact"+p.Fact] {
			return fmt.Errorf("the run has no fact %s, which prediction %s needs", p.Fact, p.ID)
		}
	}
	return nil
}
