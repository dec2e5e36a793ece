package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// root is the module's folder, seen from here.
const root = "../.."

// module is the import path of the root.
const module = "quorumlab"

// file is a Go file of the tree.
type file struct {
	path string // below the root, with slashes
	dir  string
	test bool
	text []byte
	*ast.File
	fset    *token.FileSet
	imports map[string]string // path by the name that the file has for it
}

// files are all Go files of the tree, but those that tests read as data.
var files = sync.OnceValues(func() ([]*file, error) {
	var list []*file
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			hidden := strings.HasPrefix(d.Name(), ".") && rel != "."
			if hidden || rel == "out" || rel == "bin" || d.Name() == "testdata" {
				return filepath.SkipDir
			}
			return err
		}
		if filepath.Ext(p) != ".go" {
			return err
		}
		f, err := read(p, rel)
		list = append(list, f)
		return err
	})
	return list, err
})

func read(p, rel string) (*file, error) {
	text, err := os.ReadFile(p)
	if err != nil {
		return nil, err
	}
	f := &file{path: rel, dir: path.Dir(rel), test: strings.HasSuffix(rel, "_test.go"), text: text,
		fset: token.NewFileSet(), imports: map[string]string{}}
	f.File, err = parser.ParseFile(f.fset, rel, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, i := range f.Imports {
		p, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			return nil, err
		}
		f.imports[nameOf(i, p)] = p
	}
	return f, nil
}

// nameOf is what a file calls an import. A version at the end of a path is not the name.
func nameOf(i *ast.ImportSpec, p string) string {
	if i.Name != nil {
		return i.Name.Name
	}
	base := path.Base(p)
	if len(base) > 1 && base[0] == 'v' && strings.Trim(base[1:], "0123456789") == "" {
		base = path.Base(path.Dir(p))
	}
	return strings.TrimPrefix(base, "go-")
}

// each visits all files.
func each(t *testing.T, visit func(f *file)) {
	t.Helper()
	list, err := files()
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 100 {
		t.Fatalf("only %d files were found", len(list))
	}
	for _, f := range list {
		visit(f)
	}
}

// at is where a node stands.
func (f *file) at(n ast.Node) token.Position { return f.fset.Position(n.Pos()) }
