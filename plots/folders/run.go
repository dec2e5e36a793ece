package folders

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"quorumlab/internal/result"
	"quorumlab/plots"
	"quorumlab/plots/report"
	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/run"
)

// Parts are what a run can leave, by name, in the order in which they are written: the report shows the
// plots.
func Parts() []string { return []string{"summary", "trace", "plots", "report"} }

// RunFolder is the folder of a run.
type RunFolder struct {
	*run.Judged
	Others []*run.Judged // runs of the same scenario on other engines, which the report sets beside it
	// Script is the name of the file that gets the scenario, for one that is in no file yet; else empty.
	Script string
	// Failed is the check or the expectation whose failure gets a picture of its own, FailurePicture; else empty.
	Failed string
}

// RunPlace is the place of a run's folder in dir, for which no run is needed.
func RunPlace(dir string, s *sim.Scenario, engine string) result.Destination {
	const usual, perOperation = 4 << 20, 2 << 10 // bytes, of which more than half are the trace's
	room := usual + int64(float64(s.Workload.Rate)*s.Run.Seconds())*perOperation
	return result.Destination{Path: filepath.Join(dir, run.FolderName(s, engine)), Kind: "run", Room: room}
}

// Leave writes the wanted parts to the place and returns its path, which is empty if nothing is wanted. Errors are
// those of the place and of drawing.
func (r RunFolder) Leave(p *result.Taken, want []string) (path string, err error) {
	if len(want) == 0 {
		return "", nil
	}
	return p.Path, run.Leave(p, r.parts(want)...)
}

// writeIn writes the wanted parts into a folder of their own in dir, which is part of a result.
func (r RunFolder) writeIn(dir string, want []string) error {
	dir = filepath.Join(dir, run.FolderName(&r.Trace.Scenario, r.Trace.Engine))
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	return run.WriteParts(dir, r.parts(want)...)
}

func (r RunFolder) parts(want []string) []run.FolderPart {
	parts := r.made(want)
	if r.Failed != "" {
		parts = append(parts, run.FolderPart{Name: "failure", Write: func(dir string) error {
			return drawFailure(dir, r.Judged, r.Failed)
		}})
	}
	if r.Script != "" {
		parts = append(parts, run.FilePart(r.Script, scenarios.Format(&r.Trace.Scenario)))
	}
	return parts
}

// made are the parts that are made of the run.
func (r RunFolder) made(want []string) (parts []run.FolderPart) {
	source := scenarios.Format(&r.Trace.Scenario)
	var pictures []plots.RunPicture // drawn for the plots, so that the report need not draw them again
	for _, p := range []run.FolderPart{
		r.SummaryPart(source, r.Others),
		r.TracePart(),
		{Name: "plots", Write: func(dir string) (err error) {
			pictures, err = r.plots(dir)
			return err
		}},
		{Name: "report", Write: func(dir string) error { return r.report(dir, source, pictures) }},
	} {
		if slices.Contains(want, p.Name) {
			parts = append(parts, p)
		}
	}
	return parts
}

func (r RunFolder) plots(dir string) ([]plots.RunPicture, error) {
	dir = filepath.Join(dir, "plots")
	if err := os.Mkdir(dir, 0o777); err != nil {
		return nil, err
	}
	return plots.WriteAll(r.Trace, dir)
}

func (r RunFolder) report(dir string, source []byte, pictures []plots.RunPicture) error {
	return run.Create(filepath.Join(dir, "report.html"), func(w io.Writer) error {
		return report.Run(w, report.RunInput{Trace: r.Trace, Result: r.Result, Pictures: pictures,
			Scenario: string(source), Replay: r.replay(), Others: r.others()})
	})
}

// others are the runs on other engines.
func (r RunFolder) others() (others []report.OtherRun) {
	for _, o := range r.Others {
		if o.Trace.Engine != r.Trace.Engine {
			others = append(others, report.OtherRun{Name: o.Trace.Engine, Result: o.Result})
		}
	}
	return others
}

// replay is the command that runs it again; for a script, from where it lies.
func (r RunFolder) replay() string {
	if r.Script != "" {
		return "quorumlab run ./" + r.Script
	}
	return fmt.Sprintf("quorumlab run %s --engine %s --seed %d", r.Trace.Scenario.Name, r.Trace.Engine, r.Trace.Seed)
}

// writePicture writes NAME.svg and NAME.png.
func writePicture(name string, svg, png []byte) error {
	return errors.Join(os.WriteFile(name+".svg", svg, 0o666), os.WriteFile(name+".png", png, 0o666))
}
