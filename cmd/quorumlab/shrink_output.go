package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/raftsim"
)

// shrunk is what came of shrinking.
type shrunk struct {
	failure
	from   *sim.Scenario
	runs   int
	whole  bool // it was not interrupted
	result result

	picture string // of the failure, without its ending
}

// leave runs the smallest scenario once more, and leaves it as a file with its trace,
// pictures and report.
func (d *shrunk) leave(ctx context.Context, small *sim.Scenario, e raftsim.Engine, dir string) error {
	s := *small
	s.Name = strings.TrimSuffix(d.from.Name, "-small") + "-small"
	s.Title = "The smallest of " + d.from.Name + " that fails"
	s.About = fmt.Sprintf("Shrunk from %s with seed %d; it fails %s.", d.from.Name, d.from.Seed, d.check)
	s.Chapter = ""
	r, err := job{&s, e}.run(ctx, streams{})
	if err != nil {
		return err
	}
	r.script, r.same = s.Name+".yaml", true
	d.result = r
	if err := d.result.write(dir, parts, []result{r}); err != nil {
		return err
	}
	return d.draw()
}

// why says how the smallest scenario fails.
func (d *shrunk) why() string {
	for _, v := range d.result.judged.Verdicts {
		if v.Check == d.check {
			return v.Why
		}
	}
	return d.failure.why
}

// file is the scenario's file.
func (d *shrunk) file() string { return slashed(filepath.Join(d.result.dir, d.result.script)) }

// svg is the picture's file.
func (d *shrunk) svg() string { return slashed(d.picture) + ".svg" }

func slashed(path string) string { return filepath.ToSlash(path) }

// shrunkJSON is the result for programs (format 1).
type shrunkJSON struct {
	Format   int      `json:"format"`
	Scenario string   `json:"scenario"` // that was shrunk
	Seed     uint64   `json:"seed"`
	Fails    string   `json:"fails"` // the check or the expectation
	Why      string   `json:"why"`   // in the smallest scenario
	Whole    bool     `json:"whole"` // false: it was interrupted, and may become smaller
	Runs     int      `json:"runs"`
	From     sizeJSON `json:"from"`
	To       sizeJSON `json:"to"`
	Small    string   `json:"small"` // the smallest scenario, in YAML
	File     string   `json:"file"`
	Folder   string   `json:"folder"`
	Picture  string   `json:"picture"` // the space-time diagram, or the roles over time if there were no messages
}

// sizeJSON is how large a scenario is.
type sizeJSON struct {
	Steps   int     `json:"steps"`
	Members int     `json:"members"`
	Clients int     `json:"clients"`
	Keys    int     `json:"keys"`
	RunMS   float64 `json:"run_ms"`
}

func (d *shrunk) json() shrunkJSON {
	s := &d.result.trace.Scenario
	return shrunkJSON{1, d.from.Name, d.from.Seed, d.check, d.why(), d.whole, d.runs, sizeForPrograms(d.from), sizeForPrograms(s),
		string(scenarios.Format(s)), d.file(), slashed(d.result.dir), d.svg()}
}

func sizeForPrograms(s *sim.Scenario) sizeJSON {
	return sizeJSON{len(s.Steps), len(s.Cluster.Members), s.Workload.Clients, s.Workload.Keys, sim.MillisOf(s.Run)}
}
