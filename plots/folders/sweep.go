package folders

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"quorumlab/plots/report"
	"quorumlab/plots/sweeps"
	"quorumlab/sim"
	"quorumlab/sim/run"
	"quorumlab/sim/sweep"
)

// SweepFolder writes what a sweep's folder has besides its numbers. It is a sweep.Leaver.
type SweepFolder struct{}

// Sweep writes the sweep's pictures and its report.
func (SweepFolder) Sweep(dir string, res *sweep.Summary, variations []*sim.Scenario, shown []sweep.Shown) error {
	pictured := filepath.Join(dir, "plots")
	if err := errors.Join(os.RemoveAll(pictured), os.Mkdir(pictured, 0o777)); err != nil {
		return err
	}
	s := &sweeps.Swept{Summary: res, Scenarios: variations}
	pictures, err := s.Draw(true)
	if err != nil {
		return err
	}
	for _, p := range pictures {
		if err := writePicture(filepath.Join(pictured, p.Name), p.SVG, p.PNG); err != nil {
			return err
		}
	}
	examples := make([]report.ShownTrial, len(shown))
	for i := range shown {
		examples[i] = report.ShownTrial(shown[i])
		p, err := examples[i].Picture(true)
		if err != nil {
			return err
		}
		if err := writePicture(filepath.Join(pictured, fmt.Sprintf("trial-%d", i+1)), p.SVG, p.PNG); err != nil {
			return err
		}
	}
	return run.Create(filepath.Join(dir, "report.html"), func(w io.Writer) error {
		return report.Sweep(w, report.SweepInput{Sweep: s, Pictures: pictures, Examples: examples})
	})
}

// Failing writes the summary and the trace of a trial that failed, and its script if it was drawn.
func (SweepFolder) Failing(dir string, j *run.Judged, drawn bool) error {
	r := RunFolder{Judged: j}
	if drawn {
		r.Script = j.Trace.Scenario.Name + ".yaml"
	}
	return r.writeIn(dir, []string{"summary", "trace"})
}
