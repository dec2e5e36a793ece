package scenarios_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quorumlab/scenarios"
	"quorumlab/sim/check"
)

var update = flag.Bool("update", false, "rewrite the golden files and schema.json")

// Each file under testdata/bad is wrong in its own way; what Parse says about it is
// in the .golden file beside it.
func TestErrorsSayWhereAndWhatIsWrong(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no files:", err)
	}
	for _, path := range files {
		name := filepath.Base(path)
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			_, err = scenarios.Parse(name, text)
			var bad *scenarios.Error
			if !errors.As(err, &bad) {
				t.Fatalf("error %v, want a *scenarios.Error", err)
			}
			golden(t, strings.TrimSuffix(path, ".yaml")+".golden", withoutRegistry(err.Error())+"\n")
		})
	}
}

// withoutRegistry leaves out the list of checks, which grows.
func withoutRegistry(text string) string {
	var checks []string
	for _, c := range check.Checks() {
		checks = append(checks, c.Name)
	}
	return strings.NewReplacer(strings.Join(checks, ", "), "(all checks)").Replace(text)
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got); go test ./scenarios -update rewrites it:\n%s", path, diff)
	}
}
