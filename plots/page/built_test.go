package page_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"quorumlab/plots/page/replay"
	"quorumlab/scenarios"
	"quorumlab/sim/raftsim"
	"quorumlab/sim/run"
)

// sourcesSum is what web/build.mjs writes into dist/sources.sum.
func sourcesSum(t *testing.T) string {
	t.Helper()
	names := []string{"build.mjs", "package.json", "package-lock.json", "tsconfig.json"}
	err := filepath.WalkDir("web/src", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, strings.TrimPrefix(filepath.ToSlash(path), "web/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	sum := sha256.New()
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join("web", name))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(sum, "%s %d\n%s", name, len(text), text)
	}
	return fmt.Sprintf("%x\n", sum.Sum(nil))
}

func TestWhatIsEmbeddedWasBuiltFromTheseSources(t *testing.T) {
	got, err := os.ReadFile("dist/sources.sum")
	if err != nil || string(got) != sourcesSum(t) {
		t.Errorf("dist/ was built from other sources than web/ has; make page builds it again (%v)", err)
	}
}

// needNode skips a test where the page can't be built.
func needNode(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("there is no Node.js: ", err)
	}
	if _, err := os.Stat("web/node_modules/esbuild"); err != nil {
		t.Skip("what the page is built with is not installed: npm ci in plots/page/web installs it")
	}
}

func node(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "node", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("node %v: %v\n%s", args, err, out)
	}
	return string(out)
}

func TestTheSourcesGiveWhatIsEmbedded(t *testing.T) {
	needNode(t)
	dir := t.TempDir()
	node(t, "web/build.mjs", dir)
	for _, name := range []string{"player.js", "player.css", "worker.js", "sources.sum"} {
		want, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join("dist", name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("dist/%s is not what the sources give; make page builds it again (%v)", name, err)
		}
	}
}

func TestTypes(t *testing.T) {
	needNode(t)
	if testing.Short() {
		t.Skip("the types do not depend on the race detector")
	}
	if out := node(t, "web/node_modules/typescript/bin/tsc", "--noEmit", "-p", "web"); out != "" {
		t.Error(out)
	}
}

// The fold over a run with an election, in the words of the browser: web/test has the tests.
func TestFold(t *testing.T) {
	needNode(t)
	if testing.Short() {
		t.Skip("what runs in Node does not depend on the race detector")
	}
	s, err := scenarios.Load("leader-crash")
	if err != nil {
		t.Fatal(err)
	}
	j, err := run.Do(context.Background(), s, raftsim.Engine{}, run.Options{})
	if err != nil {
		t.Fatal(err)
	}
	packed, err := replay.Encode(j.Trace, j.Result, 0)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "run.qlr")
	if err := os.WriteFile(file, packed, 0o666); err != nil {
		t.Fatal(err)
	}
	node(t, "web/test.mjs", file)
}
