package folders

import (
	"errors"
	"io"
	"path/filepath"

	"quorumlab/plots"
	"quorumlab/plots/chart"
	"quorumlab/sim/compare"
	"quorumlab/sim/run"
)

// Comparison writes compare.json, .csv and .md and a picture of each scenario into dir; other files there
// stay. Errors are those of the system and of drawing.
func Comparison(dir string, t *compare.Comparison) error {
	table := t.JSON()
	b, err := run.Indented(table)
	if err != nil {
		return err
	}
	written := func(name string, write func(io.Writer) error) run.FolderPart {
		return run.FolderPart{Name: name, Write: func(dir string) error {
			return run.Create(filepath.Join(dir, name), write)
		}}
	}
	parts := []run.FolderPart{
		run.FilePart("compare.json", b),
		{Name: "pictures", Write: func(dir string) error { return agreements(dir, t) }},
		written("compare.csv", t.WriteCSV),
		written("compare.md", func(w io.Writer) error { return compare.WriteMarkdown(w, table.Scenarios) }),
	}
	return run.LeaveIn(dir, parts...)
}

// agreements draws each scenario that has something to show.
func agreements(dir string, t *compare.Comparison) error {
	for _, s := range t.Scenarios {
		svg, png, err := plots.Agreement(s.Agreement)
		if errors.Is(err, chart.ErrNothing) {
			continue
		}
		if err != nil {
			return err
		}
		if err := writePicture(filepath.Join(dir, s.Name), svg, png); err != nil {
			return err
		}
	}
	return nil
}
