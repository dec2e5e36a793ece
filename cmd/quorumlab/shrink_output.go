package main

import (
	"context"
	"path/filepath"

	"quorumlab/internal/result"
	"quorumlab/plots/folders"
	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/run"
	"quorumlab/sim/shrink"
)

// shrunk is the result of shrinking.
type shrunk struct {
	*shrink.Failure
	from  *sim.Scenario
	runs  int
	whole bool // it was not interrupted

	left    folders.RunFolder // of the smallest scenario
	dir     string            // its folder
	picture string            // of the failure, without its ending
}

// leave runs the smallest scenario once more, and leaves it as a file with its trace,
// pictures and report.
func (d *shrunk) leave(ctx context.Context, small *sim.Scenario, e sim.Engine, at *result.Taken) error {
	s := d.Named(small, d.from)
	j, err := run.Do(ctx, s, e, run.Options{Version: version, Streamed: true})
	if err != nil {
		return err
	}
	d.left = folders.RunFolder{Judged: j, Script: s.Name + ".yaml", Failed: d.Check}
	d.dir, err = d.left.Leave(at, folders.Parts())
	d.picture = folders.FailurePicture(d.dir)
	return err
}

// why says how the smallest scenario fails.
func (d *shrunk) why() string {
	if v, ok := d.In(d.left.Judged); ok {
		return v.Why
	}
	return d.Why
}

// file is the scenario's file.
func (d *shrunk) file() string { return filepath.ToSlash(filepath.Join(d.dir, d.left.Script)) }

// svg is the picture's file.
func (d *shrunk) svg() string { return filepath.ToSlash(d.picture) + ".svg" }

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
	s := &d.left.Trace.Scenario
	return shrunkJSON{1, d.from.Name, d.from.Seed, d.Check, d.why(), d.whole, d.runs, sizeForPrograms(d.from),
		sizeForPrograms(s),
		string(scenarios.Format(s)), d.file(), filepath.ToSlash(d.dir), d.svg()}
}

func sizeForPrograms(s *sim.Scenario) sizeJSON {
	return sizeJSON{len(s.Steps), len(s.Cluster.Members), s.Workload.Clients, s.Workload.Keys, sim.MillisOf(s.Run)}
}
