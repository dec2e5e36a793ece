package house

import (
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"strings"
	"testing"
)

// sharedTypes are the names that several packages may export a type under, and why.
var sharedTypes = map[string]string{
	"Engine":  "each engine's package has one; the package's name says which, and sim.Engine is what they all are",
	"Options": "what a package's main function takes; the package's name says whose",
}

// Two packages that export a type under one name make two things look like one to a reader. A command
// exports nothing.
func TestTypesOfTwoPackagesHaveTwoNames(t *testing.T) {
	all, err := files()
	if err != nil {
		t.Fatal(err)
	}
	packages := map[string][]string{} // by the name of a type
	for _, f := range all {
		if f.test || f.Name.Name == "main" {
			continue
		}
		for _, name := range exportedTypes(f) {
			if !slices.Contains(packages[name], f.dir) {
				packages[name] = append(packages[name], f.dir)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(packages)) {
		if in := packages[name]; len(in) > 1 && sharedTypes[name] == "" {
			t.Errorf("%s export a type %s; give each a name that tells what it is", strings.Join(in, " and "), name)
		}
	}
	for name := range sharedTypes {
		if len(packages[name]) < 2 {
			t.Errorf("%s is not the name of two types any more; take it off the list", name)
		}
	}
}

func exportedTypes(f *file) (names []string) {
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		for _, s := range g.Specs {
			if name := s.(*ast.TypeSpec).Name.Name; ast.IsExported(name) {
				names = append(names, name)
			}
		}
	}
	return names
}
