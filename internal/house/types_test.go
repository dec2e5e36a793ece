package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// sharedTypes are the names that several packages may export a type under, and why.
var sharedTypes = map[string]string{
	"Engine":  "each engine's package has one; the package's name says which, and sim.Engine is what they all are",
	"Options": "what a package's main function takes; the package's name says whose",
}

// Two packages that export a type under one name make two things look like one to a reader.
func TestTypesOfTwoPackagesHaveTwoNames(t *testing.T) {
	packages := map[string][]string{} // by the name of a type
	files := os.DirFS("../..")
	err := fs.WalkDir(files, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return outside(files, file)
		}
		if filepath.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		b, err := fs.ReadFile(files, file)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, b, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, name := range exportedTypes(f) {
			if dir := path.Dir(file); !slices.Contains(packages[name], dir) {
				packages[name] = append(packages[name], dir)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
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

// outside skips folders that are no packages of this module.
func outside(files fs.FS, dir string) error {
	if dir == "." {
		return nil
	}
	if base := path.Base(dir); strings.HasPrefix(base, ".") || base == "testdata" || dir == "out" || dir == "bin" {
		return fs.SkipDir
	}
	if _, err := fs.Stat(files, path.Join(dir, "go.mod")); err == nil {
		return fs.SkipDir
	}
	return nil
}

// exportedTypes are the names of a file's exported types. A command exports nothing.
func exportedTypes(f *ast.File) (names []string) {
	if f.Name.Name == "main" {
		return nil
	}
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
