package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"quorumlab/internal/text"
	"quorumlab/plots"
	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/etcdsim/guard"
)

// parts are what a run can leave; the values of --write.
var parts = []string{"summary", "trace", "plots", "report"}

// wanted reads the value of --write.
func wanted(write []string) ([]string, error) {
	if len(write) == 1 && (write[0] == "all" || write[0] == "none") {
		return map[string][]string{"all": parts}[write[0]], nil
	}
	for _, w := range write {
		if !slices.Contains(parts, w) {
			return nil, badUsage("", "--write: unknown part %q%s; parts are %s, all and none", w, text.DidYouMean(w, parts), strings.Join(parts, ", "))
		}
	}
	return write, nil
}

// result is one finished run.
type result struct {
	trace  *sim.Trace
	judged *check.Result
	dir    string // what it left, or empty
	script string // the file's name under dir for a script that is in no file yet, or empty
	same   bool   // the script comes out the same each time: an older folder is replaced

	pictures []plots.Picture // drawn for the plots, so that the report need not draw them again
}

// runJSON is a run for programs (format 1).
type runJSON struct {
	Format   int    `json:"format"`
	Scenario string `json:"scenario"`
	Engine   string `json:"engine"`
	Seed     uint64 `json:"seed"`
	check.JSON
}

func (r result) json() runJSON {
	return runJSON{1, r.trace.Scenario.Name, r.trace.Engine, r.trace.Seed, r.judged.JSON()}
}

// summaryJSON is summary.json: the run for programs, and what was run.
type summaryJSON struct {
	runJSON
	Version string `json:"version"`
	Source  string `json:"source"` // the scenario as run, in YAML
}

// write leaves the wanted parts of a run in dir/NAME-ENGINE-seedN. They are
// written beside it and renamed when whole; an older folder of that name is
// replaced only then. all are the runs of the same scenario, r among them.
func (r *result) write(dir string, want []string, all []result) (err error) {
	if len(want) == 0 {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	into := r.place(dir)
	if err := recoverDir(into); err != nil {
		return err
	}
	tmp, remove, err := guard.TempDir(dir, ".writing-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	if err := os.Chmod(tmp, 0o755); err != nil {
		return err
	}
	for _, part := range parts { // in this order: the report shows the plots
		if !slices.Contains(want, part) {
			continue
		}
		if err := r.writePart(tmp, part, all); err != nil {
			return err
		}
	}
	if r.script != "" {
		if err := os.WriteFile(filepath.Join(tmp, r.script), scenarios.Format(&r.trace.Scenario), 0o666); err != nil {
			return err
		}
	}
	r.dir = into
	return replaceDir(tmp, r.dir)
}

// place is the run's folder below dir. What was typed can't be run again to leave
// the same, so it gets a folder that is not there yet.
func (r *result) place(dir string) string {
	name := filepath.Join(dir, outDir(&r.trace.Scenario, r.trace.Engine))
	path := name
	for n := 2; r.script != "" && !r.same; n++ {
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			break
		}
		path = fmt.Sprintf("%s-%d", name, n)
	}
	return path
}

func (r *result) writePart(dir, part string, all []result) error {
	source := string(scenarios.Format(&r.trace.Scenario))
	switch part {
	case "summary":
		b, err := indented(summaryJSON{r.json(), version, source})
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, "summary.json"), b, 0o666)
	case "trace":
		return create(filepath.Join(dir, "trace.jsonl"), r.trace.Write)
	case "plots":
		dir = filepath.Join(dir, "plots")
		if err := os.Mkdir(dir, 0o777); err != nil {
			return err
		}
		var err error
		r.pictures, err = plots.WriteAll(r.trace, dir)
		return err
	}
	return create(filepath.Join(dir, "report.html"), func(w io.Writer) error {
		return plots.Report(w, plots.ReportInput{Trace: r.trace, Result: r.judged, Pictures: r.pictures,
			Scenario: source, Replay: r.replay(), Others: r.others(all)})
	})
}

// others are the runs of the same scenario on other engines.
func (r *result) others(all []result) (others []plots.Other) {
	for _, o := range all {
		if o.trace.Engine != r.trace.Engine {
			others = append(others, plots.Other{Name: o.trace.Engine, Result: o.judged})
		}
	}
	return others
}

// replay is the command that runs it again; for a script, from where it lies.
func (r *result) replay() string {
	if r.script != "" {
		return "quorumlab run ./" + r.script
	}
	return fmt.Sprintf("quorumlab run %s --engine %s --seed %d", r.trace.Scenario.Name, r.trace.Engine, r.trace.Seed)
}

// indented is JSON for people too: two spaces, no escaped angle brackets.
func indented(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return b.Bytes(), err
}

// replaceDir puts the folder tmp in the place of dir. A program that is killed meanwhile may leave
// what was there before aside, where recoverDir finds it.
func replaceDir(tmp, dir string) error {
	old := aside(dir)
	err := os.Rename(dir, old)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(tmp, dir); err != nil {
		return errors.Join(err, os.Rename(old, dir))
	}
	return os.RemoveAll(old)
}

// aside is where a folder is while another one takes its place.
func aside(dir string) string {
	return filepath.Join(filepath.Dir(dir), ".replaced-"+filepath.Base(dir))
}

// recoverDir puts back what a replaceDir that was killed halfway has left aside, or removes it when
// the other folder had taken its place.
func recoverDir(dir string) error {
	old := aside(dir)
	if _, err := os.Lstat(old); err != nil {
		return nil // which is how it should be; any other trouble replaceDir will have, too
	}
	if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
		return os.Rename(old, dir)
	}
	return os.RemoveAll(old)
}
