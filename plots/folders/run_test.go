package folders_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"quorumlab/plots/folders"
	"quorumlab/scenarios"
	"quorumlab/sim/raftsim"
	"quorumlab/sim/run"
)

// TestRunFolder: a run leaves what is wanted, in the place of what it left before; one that was typed leaves
// its script too, and gets a new folder each time unless the script comes out the same.
func TestRunFolder(t *testing.T) {
	s, err := scenarios.Load("leader-crash")
	if err != nil {
		t.Fatal(err)
	}
	j, err := run.Do(t.Context(), s, raftsim.Engine{}, run.Options{Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	for _, c := range []struct {
		name   string
		folder folders.RunFolder
		next   bool
		want   []string
		path   string
		files  []string
	}{
		{"nothing", folders.RunFolder{Judged: j}, false, nil, "", nil},
		{"some parts", folders.RunFolder{Judged: j}, false, []string{"trace", "summary"}, "leader-crash-sim-seed1",
			[]string{".quorumlab", "summary.json", "trace.jsonl"}},
		{"all parts", folders.RunFolder{Judged: j}, false, folders.Parts(), "leader-crash-sim-seed1",
			[]string{".quorumlab", "plots", "report.html", "summary.json", "trace.jsonl"}},
		{"typed", folders.RunFolder{Judged: j, Script: "typed.yaml"}, true, []string{"report"}, "leader-crash-sim-seed1-2",
			[]string{".quorumlab", "report.html", "typed.yaml"}},
		{"typed, and the same each time", folders.RunFolder{Judged: j, Script: "typed.yaml"}, false, []string{"summary"},
			"leader-crash-sim-seed1", []string{".quorumlab", "summary.json", "typed.yaml"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			to := folders.RunPlace(out, s, "sim")
			to.Next = c.next
			at, err := to.Take()
			if err != nil {
				t.Fatal(err)
			}
			defer at.Release()
			path, err := c.folder.Leave(at, c.want)
			if err != nil {
				t.Fatal(err)
			}
			if c.path == "" {
				if path != "" {
					t.Errorf("left %s", path)
				}
				return
			}
			var files []string
			entries, err := os.ReadDir(path)
			for _, e := range entries {
				files = append(files, e.Name())
			}
			if err != nil || path != filepath.Join(out, c.path) || !slices.Equal(files, c.files) {
				t.Errorf("%s has %v, %v; want %s with %v", path, files, err, c.path, c.files)
			}
			if report, err := os.ReadFile(filepath.Join(path, "report.html")); err == nil {
				replay := "quorumlab run leader-crash --engine sim --seed 1"
				if c.folder.Script != "" {
					replay = "quorumlab run ./typed.yaml"
				}
				if !strings.Contains(string(report), replay) {
					t.Errorf("the report does not say %q", replay)
				}
			}
		})
	}
}
