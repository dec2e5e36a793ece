package house

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// banned calls, and the rooms that may make them all the same.
var banned = []struct {
	pkg, names string
	why        string
	allowed    []string
}{
	{"time", "Now", "virtual time moves by events; the wall clock differs between runs",
		[]string{"internal", "sim/etcdsim", "sim/etcdsim/cluster", "sim/sandbox", "lessons", kubernetesProgram,
			"cmd/quorumlab"}},
	{"time", "Since", "virtual time moves by events; the wall clock differs between runs",
		[]string{"internal", "sim/etcdsim", "sim/etcdsim/cluster", "sim/sandbox", "lessons", kubernetesProgram,
			"cmd/quorumlab"}},
	{"time", "Until Tick After AfterFunc NewTimer NewTicker", "virtual time moves by events",
		[]string{"internal", "sim/alert", "sim/etcdsim", "sim/etcdsim/cluster", "sim/exact", "sim/sandbox", "lessons",
			kubernetesProgram, "cmd/quorumlab"}},
	{"time", "Sleep", "wait for the event, not for the clock", nil},
	{"os", "Exit", "only main ends the program, and a member's own process itself",
		[]string{"internal", "sim/etcdsim/cluster", "sim/exact", kubernetesProgram, "cmd/quorumlab"}},
	{"os", "Getenv", "settings come from the scenario and the flags", []string{"internal", "sim/sandbox",
		"plots/page/browsertest", "cmd/quorumlab"}},
	{"encoding/csv", "NewWriter", "text.CSV keeps formulas out of spreadsheets", []string{"internal"}},
	{"log", "Fatal", "errors are returned", nil},
}

// ownRand are the names of math/rand that do not draw from the global source.
var ownRand = strings.Fields("New NewPCG NewChaCha8 NewSource NewZipf Rand Source Source64 PCG ChaCha8 Zipf")

func TestBannedCalls(t *testing.T) {
	imports, _ := rooms(t)
	each(t, func(f *file) {
		room := roomOf(imports, f.path)
		ast.Inspect(f.File, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok {
					f.called(t, room, s, x.Name, s.Sel.Name)
				}
			}
			return true
		})
	})
}

// called looks at a name of an import that a file uses.
func (f *file) called(t *testing.T, room string, at ast.Node, pkg, name string) {
	path := f.imports[pkg]
	if strings.HasPrefix(path, "math/rand") && !slices.Contains(ownRand, name) {
		t.Errorf("%s: %s.%s draws from the global source; draws come from sim.Stream", f.at(at), pkg, name)
	}
	for _, b := range banned {
		fits := path == b.pkg && slices.Contains(strings.Fields(b.names), name)
		if !fits || f.test && name != "Sleep" || slices.Contains(b.allowed, room) {
			continue
		}
		t.Errorf("%s: %s.%s: %s", f.at(at), pkg, name, b.why)
	}
}
