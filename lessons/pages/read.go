package pages

import (
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"

	"quorumlab/internal/input"
	"quorumlab/lessons"
	"quorumlab/sim"
)

// Read reads the results that Write wrote, so that an interrupted lesson can continue. A
// missing folder, or one that another version wrote, has no results.
func Read(dir string, l *lessons.Lesson, version string) ([]*lessons.PlayedStep, error) {
	text, err := input.Read(filepath.Join(dir, "lesson.json"), input.MostText)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var j lessons.LessonJSON
	if err := json.Unmarshal(text, &j); err != nil || j.Format != 1 || j.Lesson != l.ID || j.Version != version {
		return nil, nil // it will be written anew
	}
	var rs []*lessons.PlayedStep
	for _, s := range j.Steps {
		step := l.Step(s.Step)
		if step == nil {
			continue
		}
		r, err := readStep(dir, step, s)
		if err != nil {
			return nil, err
		}
		rs = append(rs, r)
	}
	return rs, nil
}

func readStep(dir string, step *lessons.LessonStep, s lessons.StepJSON) (*lessons.PlayedStep, error) {
	r := &lessons.PlayedStep{Step: step, Observations: &lessons.Observations{}}
	for _, c := range s.Claims {
		r.Findings = append(r.Findings, lessons.Finding{Claim: c.Claim, Holds: c.OK, Why: c.Why})
	}
	for _, name := range s.Order {
		f := s.Facts[name]
		r.Observations.Facts = append(r.Observations.Facts, lessons.Fact{Name: name, About: f.About, Value: f.Value,
			Unit: sim.Unit(f.Unit), Text: f.Text, Exact: f.Exact})
	}
	for _, t := range s.Tables {
		r.Observations.Tables = append(r.Observations.Tables, lessons.Table{Name: t.Name, Title: t.Title, Head: t.Head,
			Rows: t.Rows, Exact: t.Exact})
	}
	for _, p := range s.Figures {
		file := filepath.Join(dir, "figures", filepath.Base(p.File))
		svg, err := input.Read(file+".svg", input.MostText)
		png, err2 := input.Read(file+".png", input.MostText)
		if err := errors.Join(err, err2); err != nil {
			return nil, err
		}
		r.Observations.Pictures = append(r.Observations.Pictures, lessons.Picture{Name: p.Name, Title: p.Title,
			About: p.About, SVG: svg, PNG: png, Exact: p.Exact})
	}
	return r, nil
}
