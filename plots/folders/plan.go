package folders

import (
	"io"
	"os"
	"path/filepath"
	"strings"

	"quorumlab/internal/result"
	"quorumlab/plots/plans"
	"quorumlab/plots/report"
	"quorumlab/scenarios"
	"quorumlab/sim/run"
)

// PlanFolder is the folder of one plan, or of two side by side.
type PlanFolder struct {
	Plans       []*plans.Planned
	JSON        []byte              // plan.json
	Differences []report.Difference // of two
}

// Place is the place of the plans' folder in dir. It needs their names only.
func (p PlanFolder) Place(dir string) result.Destination {
	return result.Destination{Path: filepath.Join(dir, p.name()), Kind: "plan", Room: 4 << 20}
}

// Leave writes plan.json, plots and a report, and for one plan the cluster as a scenario, to the place.
func (p PlanFolder) Leave(at *result.Taken) error {
	parts := []run.FolderPart{run.FilePart("plan.json", p.JSON)}
	if len(p.Plans) == 1 {
		parts = append(parts, run.FilePart("planned.yaml", scenarios.Format(p.Plans[0].Scenario())))
	}
	return run.Leave(at, append(parts, run.FolderPart{Name: "plots and report", Write: p.draw})...)
}

// name is the folder's name: that of the files, or of a cluster by flags.
func (p PlanFolder) name() string {
	var names []string
	for _, planned := range p.Plans {
		base := filepath.Base(planned.Name)
		if planned.Name == "" {
			base = "cluster"
		}
		names = append(names, strings.TrimSuffix(base, filepath.Ext(base)))
	}
	return strings.Join(append(names, "plan"), "-")
}

func (p PlanFolder) draw(dir string) error {
	pictures, err := plans.Draw(p.Plans, true)
	if err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(dir, "plots"), 0o777); err != nil {
		return err
	}
	for _, picture := range pictures {
		if err := writePicture(filepath.Join(dir, "plots", picture.Name), picture.SVG, picture.PNG); err != nil {
			return err
		}
	}
	in := report.PlanInput{Plans: p.Plans, Pictures: pictures, Differences: p.Differences}
	return run.Create(filepath.Join(dir, "report.html"), func(w io.Writer) error { return report.Plan(w, in) })
}
