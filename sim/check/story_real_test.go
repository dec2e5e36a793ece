package check_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quorumlab/sim/check"
	"quorumlab/sim/raftsim"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// busyWeek is a script with something of everything.
const busyWeek = `
cluster:
  members: 5
  store: {snapshot-count: 200, catch-up-entries: 50}
workload: {rate: 200/s}
steps:
  - {at: 5s, for: 5s, do: partition leader n3 | rest}
  - {at: 16s, do: crash a-follower}
  - {at: 20s, do: restart crashed}
  - {at: 24s, do: add-learner n6}
  - {at: 26s, do: promote n6}
  - {at: 30s, do: crash all}
  - {at: 32s, do: restart crashed}
run: 40s
`

// The stories of real runs, as files that one can read. They change with the
// engine; a change needs a sentence in its commit.
func TestStoriesOfRealRuns(t *testing.T) {
	for name, tt := range map[string]struct {
		engine   raftsim.Engine
		scenario string
	}{
		"cut-off":    {raftsim.Engine{}, cutOff},
		"busy-week":  {raftsim.Engine{}, busyWeek},
		"lying-disk": {raftsim.Engine{Bug: raftsim.LyingDisks}, powerCut},
	} {
		t.Run(name, func(t *testing.T) {
			tr, res := play(t, tt.engine, tt.scenario)
			var lines []string
			for _, s := range check.Story(tr, res.Verdicts...) {
				lines = append(lines, s.Text+"\n")
			}
			got := strings.Join(lines, "")
			path := filepath.Join("testdata", "story", name+".txt")
			if *update {
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (run with -update to take it as it is)", diff)
			}
		})
	}
}
