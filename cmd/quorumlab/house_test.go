package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The house rules: which room may import which, and which calls are banned where.
// Arrows point up this table only.

// ours lists, for each room, the rooms of ours that it may import. A room covers
// the folders below it.
var ours = map[string][]string{
	"internal":      {},
	"sim":           {"internal"},
	"sim/script":    {"internal", "sim"},
	"sim/alert":     {"internal", "sim"},
	"sim/raftsim":   {"internal", "sim", "sim/script"},
	"sim/etcdsim":   {"internal", "sim", "sim/script", "sim/alert", "sim/etcdsim/cluster"},
	"sim/engines":   {"internal", "sim", "sim/raftsim", "sim/etcdsim"},
	"sim/check":     {"internal", "sim", "sim/script", "sim/alert"},
	"sim/run":       {"internal", "sim", "sim/check"},
	"sim/swarm":     {"internal", "sim", "sim/script", "sim/check"},
	"sim/compare":   {"internal", "sim", "sim/check", "sim/run"},
	"sim/sweep":     {"internal", "sim", "sim/check", "sim/run", "sim/swarm"},
	"sim/shrink":    {"internal", "sim", "sim/check", "sim/run"},
	"sim/plan":      {"internal", "sim", "sim/script", "sim/check", "sim/run"},
	"sim/export":    {"internal", "sim", "sim/script"},
	"sim/sandbox":   {"internal", "sim", "sim/script", "sim/check", "sim/etcdsim", "sim/etcdsim/cluster", "sim/raftsim", "scenarios"},
	"scenarios":     {"internal", "sim", "sim/script", "sim/check"},
	"plots/chart":   {"internal"},
	"plots":         {"internal", "sim", "sim/script", "sim/alert", "sim/check", "sim/compare", "plots/chart"},
	"plots/sweeps":  {"internal", "sim", "sim/check", "sim/sweep", "plots/chart"},
	"plots/plans":   {"internal", "sim", "sim/plan", "plots/chart"},
	"plots/report":  {"internal", "sim", "sim/check", "sim/sweep", "sim/plan", "plots", "plots/chart", "plots/sweeps", "plots/plans"},
	"plots/folders": {"internal", "sim", "sim/check", "sim/run", "sim/sweep", "sim/compare", "scenarios", "plots", "plots/chart", "plots/sweeps", "plots/plans", "plots/report"},
	"docs":          {},
	"lessons":       {"*"},
	"cmd/quorumlab": {"*"},

	"sim/etcdsim/cluster": {"internal", "sim"},

	kubernetesProgram: {},
}

// kubernetesProgram is a module and a program of its own, so it has a main that ends it, and imports
// nothing of ours.
const kubernetesProgram = "lessons/40.2-role-in-kubernetes/apiserver"

// standardOnly are the rooms that import nothing but the standard library and ours.
var standardOnly = map[string]bool{"sim": true}

// banned calls, and the rooms that may make them all the same.
var banned = []struct {
	pkg, name string
	why       string
	allowed   []string
}{
	{"time", "Now", "virtual time moves by events; the wall clock differs between runs", []string{"internal", "sim/etcdsim", "sim/etcdsim/cluster", "sim/sandbox", "lessons", kubernetesProgram, "cmd/quorumlab"}},
	{"time", "Since", "virtual time moves by events; the wall clock differs between runs", []string{"sim/etcdsim", "sim/etcdsim/cluster", "sim/sandbox", "lessons", kubernetesProgram, "cmd/quorumlab"}},
	{"time", "Sleep", "wait for the event, not for the clock", nil},
	{"os", "Exit", "only main ends the program, and a member's own process itself", []string{"internal", "sim/etcdsim/cluster", kubernetesProgram, "cmd/quorumlab"}},
	{"os", "Getenv", "settings come from the scenario and the flags", []string{"internal", "sim/sandbox", "cmd/quorumlab"}},
	{"log", "Fatal", "errors are returned", nil},
}

// globalRand are math/rand's functions that draw from the global source.
var globalRand = map[string]bool{"Int": true, "IntN": true, "Intn": true, "Int64": true, "Int64N": true, "Uint64": true,
	"Float64": true, "Perm": true, "Shuffle": true, "N": true, "NormFloat64": true, "ExpFloat64": true}

func TestHouseRules(t *testing.T) {
	root := "../.."
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		rel = filepath.ToSlash(rel)
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && rel != "." || rel == "out" || rel == "bin" || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if filepath.Ext(path) == ".go" {
			houseRules(t, rel, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// roomOf is the innermost room that holds the file.
func roomOf(rel string) string {
	room := ""
	for r := range ours {
		if strings.HasPrefix(rel, r+"/") && len(r) > len(room) {
			room = r
		}
	}
	return room
}

func houseRules(t *testing.T, rel, path string) {
	room := roomOf(rel)
	if room == "" {
		t.Errorf("%s is in no room; rooms are listed in this test", rel)
		return
	}
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Error(err)
		return
	}
	test := strings.HasSuffix(rel, "_test.go")
	mathRand := false // crypto/rand has functions of the same names
	for _, imp := range f.Imports {
		p, _ := strconv.Unquote(imp.Path.Value)
		mathRand = mathRand || strings.HasPrefix(p, "math/rand")
		if !test {
			checkImport(t, rel, room, p)
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			checkCall(t, rel, room, test, sel)
			if x, ok := sel.X.(*ast.Ident); ok && mathRand && x.Name == "rand" && x.Obj == nil && globalRand[sel.Sel.Name] {
				t.Errorf("%s calls rand.%s; draws come from sim.Stream", rel, sel.Sel.Name)
			}
		}
		return true
	})
}

func checkImport(t *testing.T, rel, room, path string) {
	inner, isOurs := strings.CutPrefix(path, "quorumlab/")
	switch {
	case !isOurs && standardOnly[room] && strings.Contains(strings.Split(path, "/")[0], "."):
		t.Errorf("%s imports %s; room %s takes the standard library only", rel, path, room)
	case isOurs && !mayImport(room, inner):
		t.Errorf("%s imports %s; room %s may import %v", rel, path, room, ours[room])
	}
}

func mayImport(room, path string) bool {
	target := roomOf(path + "/")
	if target == room {
		return true
	}
	for _, o := range ours[room] {
		if o == "*" || o == target {
			return true
		}
	}
	return false
}

func checkCall(t *testing.T, rel, room string, test bool, sel *ast.SelectorExpr) {
	x, ok := sel.X.(*ast.Ident)
	if !ok || x.Obj != nil {
		return
	}
	for _, b := range banned {
		if x.Name != b.pkg || sel.Sel.Name != b.name {
			continue
		}
		if test && b.name != "Sleep" {
			continue
		}
		free := false
		for _, a := range b.allowed {
			free = free || a == room
		}
		if !free {
			t.Errorf("%s calls %s.%s: %s", rel, b.pkg, b.name, b.why)
		}
	}
}
