package folders

import (
	"errors"
	"io"
	"path/filepath"

	"quorumlab/internal/result"
	"quorumlab/plots"
	"quorumlab/plots/chart"
	"quorumlab/sim/compare"
	"quorumlab/sim/run"
)

// ComparisonPlace is the place of a comparison's files in dir; other files there stay.
func ComparisonPlace(dir string) result.Destination {
	return result.Destination{Path: dir, Kind: "comparison", Into: true, Room: 8 << 20}
}

// ComparisonFiles are the names of the files that a comparison of such scenarios may leave, whose contents are not
// known yet.
func ComparisonFiles(scenarios []string) map[string][]byte {
	names := map[string][]byte{"compare.json": nil, "compare.csv": nil, "compare.md": nil}
	for _, s := range scenarios {
		names[s+".svg"], names[s+".png"] = nil, nil
	}
	return names
}

// Comparison writes compare.json, .csv and .md and a picture of each scenario to the place. Errors are those of the
// place and of drawing.
func Comparison(at *result.Taken, t *compare.Comparison) error {
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
	return run.Leave(at, parts...)
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
