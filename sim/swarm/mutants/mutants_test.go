package mutants

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/raftsim"
	"quorumlab/sim/run"
	"quorumlab/sim/swarm"
)

var (
	within   = flag.Uint64("within", 0, "plant each bug, and look for it in so many random scenarios: make mutants")
	only     = flag.String("only", "", "plant these bugs alone, by a regular expression of their names")
	campaign = flag.Uint64("campaign", 0, "what a planted bug's program is called with: so many random scenarios")
	update   = flag.Bool("update", false, "write what was found into testdata/found.txt, and into the manual")
)

// The source trees.
const (
	raftModule = "go.etcd.io/raft/v3"
	engine     = "sim/raftsim"
	root       = "../../.."
)

// raftDir is where the module cache has raft, in the version that go.mod names.
func raftDir(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", raftModule).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	abs, err := filepath.Abs(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return abs
}

// TestEachMutantApplies: each bug can be planted in what go.mod names today, and is no slip of the pen.
func TestEachMutantApplies(t *testing.T) {
	names := map[string]bool{}
	list := all(t, raftDir(t), absolute(t, engine))
	for _, b := range list {
		_, text, err := b.patched()
		if err != nil {
			t.Error(err)
			continue
		}
		if _, err := parser.ParseFile(token.NewFileSet(), b.name, text, parser.SkipObjectResolution); err != nil {
			t.Errorf("%s: %v", b.name, err)
		}
		if names[b.name] || b.about == "" || b.old == b.new {
			t.Errorf("%s: a bug needs a name of its own, a sentence, and a change", b.name)
		}
		names[b.name] = true
	}
	if len(list) < 40 {
		t.Errorf("%d bugs are planted, want 40", len(list))
	}
}

// TestCampaign is what the program with a bug in it runs: random scenarios, until one fails.
func TestCampaign(t *testing.T) {
	if *campaign == 0 {
		t.Skip("the program of a planted bug is called with -campaign")
	}
	base, err := scenarios.Parse("random.yaml", []byte("engines: [sim]\nrun: 1s\n"))
	if err != nil {
		t.Fatal(err)
	}
	for seed := range *campaign {
		if how := fails(t, swarm.Draw(base, seed)); how != "" {
			fmt.Printf("found after %d: %s\n", seed+1, how)
			return
		}
	}
	fmt.Printf("not found in %d\n", *campaign)
}

// mostEvents is far above what a drawn scenario has.
const mostEvents = 2_000_000

// fails names the check that a scenario fails, or what else ends it; empty: it is as it should be.
func fails(t *testing.T, s *sim.Scenario) (how string) {
	defer func() {
		if p := recover(); p != nil {
			fmt.Println(p)
			how = "panic"
		}
	}()
	short := run.Options{MostEvents: mostEvents, Ask: &check.Questions{}}
	j, err := run.Do(context.Background(), s, raftsim.Engine{}, short)
	if err != nil {
		t.Fatal(err)
	}
	if j.OK() {
		return ""
	}
	if j.Flood != nil {
		return "flood"
	}
	j, err = run.Do(context.Background(), s, raftsim.Engine{}, run.Options{MostEvents: mostEvents})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range j.Result.Verdicts {
		if !v.OK {
			return v.Check
		}
	}
	t.Fatalf("%s fails when it is asked about in short, and not in full", s.Name)
	return ""
}

// workshop is where mutants are built.
type workshop struct {
	dir    string // scratch
	raft   string // a copy of raft's module
	module string // a copy of go.mod that points to it
}

func open(t *testing.T) workshop {
	t.Helper()
	w := workshop{dir: t.TempDir()}
	w.raft, w.module = filepath.Join(w.dir, "raft"), filepath.Join(w.dir, "go.mod")
	if err := os.CopyFS(w.raft, os.DirFS(raftDir(t))); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		if name == "go.mod" {
			text = fmt.Appendf(text, "\nreplace %s => %s\n", raftModule, w.raft)
		}
		if err := os.WriteFile(filepath.Join(w.dir, name), text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// build makes the program of a mutant; nil: that of what there is.
func (w workshop) build(name string, b *mutant) (program string, err error) {
	at := filepath.Join(w.dir, name)
	replace := map[string]string{}
	if b != nil {
		path, text, err := b.patched()
		if err != nil {
			return "", err
		}
		replace[path] = at + ".go"
		if err := os.WriteFile(at+".go", text, 0o666); err != nil {
			return "", err
		}
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(at+".json", overlay, 0o666); err != nil {
		return "", err
	}
	out, err := exec.Command("go", "test", "-c", "-vet=off", "-modfile", w.module, "-overlay", at+".json",
		"-o", at+".test", ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s does not build: %s", name, out)
	}
	return at + ".test", nil
}

// finding is what a campaign ends with.
var finding = regexp.MustCompile(`(?m)^(?:found after (\d+): (.*)|not found in (\d+))$`)

// hunt runs a program's campaign and returns what it said.
func hunt(t *testing.T, program string, n uint64) string {
	t.Helper()
	cmd := exec.Command(program, "-test.run=^TestCampaign$", "-test.timeout=0", fmt.Sprint("-campaign=", n))
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	said := finding.FindString(out.String())
	if said == "" {
		t.Fatalf("%v: %s", err, out.String())
	}
	return said
}

// TestMutants plants all bugs, one at a time, and writes down which are found. What there is without them must go
// unfound.
func TestMutants(t *testing.T) {
	if *within == 0 {
		t.Skip("give -within N; make mutants takes 2000")
	}
	w := open(t)
	list := all(t, w.raft, absolute(t, engine))
	said := make([]string, len(list))
	hunted := func(t *testing.T, name string, b *mutant) string {
		t.Parallel()
		program, err := w.build(name, b)
		if err != nil {
			t.Fatal(err)
		}
		how := hunt(t, program, *within)
		if err := os.Remove(program); err != nil {
			t.Error(err)
		}
		fmt.Printf("%-24s %s\n", name, how)
		return how
	}
	t.Run("hunt", func(t *testing.T) {
		for i, b := range list {
			if ok, err := regexp.MatchString(*only, b.name); err != nil || !ok {
				continue
			}
			t.Run(b.name, func(t *testing.T) { said[i] = hunted(t, b.name, &b) })
		}
		t.Run("none", func(t *testing.T) {
			if how := hunted(t, "none", nil); !strings.HasPrefix(how, "not found") {
				t.Error("no bug is planted, but: ", how)
			}
		})
	})
	if t.Failed() || *only != "" {
		return
	}
	var text strings.Builder
	for i, b := range list {
		fmt.Fprintf(&text, "%s: %s\n", b.name, said[i])
	}
	was, err := os.ReadFile(foundFile)
	switch {
	case *update:
		if err := os.WriteFile(foundFile, []byte(text.String()), 0o666); err != nil {
			t.Error(err)
		}
	case err != nil || string(was) != text.String():
		t.Errorf("%s says something else (%v): write it anew with -update", foundFile, err)
	}
}

// Where results are kept, and shown.
const (
	foundFile = "testdata/found.txt"
	page      = "docs/internals/testing.md"
	begin     = "<!-- planted bugs: go test ./sim/swarm/mutants -run TestFound -update -->\n"
	end       = "<!-- end of planted bugs -->\n"
)

// enough is how many bugs are to be found.
const enough = 38

// TestFound holds what make mutants found last against the bugs that there are, and the manual against both: enough are
// found, and each of the others has a reason.
func TestFound(t *testing.T) {
	text, err := os.ReadFile(foundFile)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	list := all(t, "raft", "sim")
	if len(lines) != len(list) {
		t.Fatalf("%s has %d lines, but %d bugs are planted: run make mutants", foundFile, len(lines), len(list))
	}
	table := "| planted bug | where | found after | by |\n|---|---|---|---|\n"
	var missed strings.Builder
	found := 0
	for i, b := range list {
		name, how, _ := strings.Cut(lines[i], ": ")
		m := finding.FindStringSubmatch(how)
		if name != b.name || m == nil {
			t.Fatalf("line %d of %s is about %s, want %s: run make mutants", i+1, foundFile, name, b.name)
		}
		after, by := m[1], m[2]
		switch {
		case after == "" && b.missed == "":
			t.Errorf("%s is not found, and has no reason", b.name)
		case after == "":
			after, by = "-", "not found"
			fmt.Fprintf(&missed, "- `%s`: %s\n", b.name, b.missed)
		case b.missed != "":
			t.Errorf("%s is found after %s, but has a reason why it is not", b.name, after)
		default:
			found++
		}
		table += fmt.Sprintf("| `%s`: %s | %s | %s | %s |\n", b.name, b.about, b.dir+", "+b.file, after, by)
	}
	if found < enough {
		t.Errorf("%d bugs are found, want %d", found, enough)
	}
	block := fmt.Sprintf("%d of %d planted bugs are found within 2,000 scenarios:\n\n%s", found, len(list), table)
	if missed.Len() > 0 {
		block += "\nNot found:\n\n" + missed.String()
	}
	shown(t, block)
}

// shown holds the manual's block against what it should be, or writes it.
func shown(t *testing.T, block string) {
	t.Helper()
	path := absolute(t, page)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	old, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no place for the planted bugs", page)
	}
	if old == block {
		return
	}
	if !*update {
		t.Errorf("the planted bugs in %s are not those that were found: go test ./sim/swarm/mutants -run TestFound -update",
			page)
		return
	}
	if err := os.WriteFile(path, []byte(before+begin+block+end+after), 0o666); err != nil {
		t.Error(err)
	}
}
