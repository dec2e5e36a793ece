package house

import (
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"strings"
	"testing"
)

// A name that hides an import or a builtin makes the reader look twice, and the compiler believe
// what was not meant.
func TestNoNameHidesAnother(t *testing.T) {
	builtin := map[string]bool{}
	for _, name := range types.Universe.Names() {
		builtin[name] = true
	}
	each(t, func(f *file) {
		declared(f.File, func(id *ast.Ident) {
			if p, taken := f.imports[id.Name]; taken {
				t.Errorf("%s: %s hides the import of %s", f.at(id), id.Name, p)
			}
			if builtin[id.Name] {
				t.Errorf("%s: %s hides the builtin", f.at(id), id.Name)
			}
		})
	})
}

// declared visits every name that a file declares, but fields and methods: these stand behind a dot.
func declared(n ast.Node, visit func(*ast.Ident)) {
	names := func(ids ...ast.Expr) {
		for _, e := range ids {
			if id, ok := e.(*ast.Ident); ok && id != nil && id.Name != "_" {
				visit(id)
			}
		}
	}
	fields := func(l *ast.FieldList) {
		if l == nil {
			return
		}
		for _, f := range l.List {
			for _, id := range f.Names {
				names(id)
			}
		}
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				names(n.Lhs...)
			}
		case *ast.RangeStmt:
			if n.Tok == token.DEFINE {
				names(n.Key, n.Value)
			}
		case *ast.ValueSpec:
			for _, id := range n.Names {
				names(id)
			}
		case *ast.TypeSpec:
			names(n.Name)
		case *ast.FuncDecl:
			if n.Recv == nil {
				names(n.Name)
			}
			fields(n.Recv)
		case *ast.FuncType:
			fields(n.Params)
			fields(n.Results)
		}
		return true
	})
}

// An import of somebody's side effects is hidden: nothing in the file says what it is for.
func TestNoHiddenImport(t *testing.T) {
	each(t, func(f *file) {
		for _, i := range f.Imports {
			if i.Name == nil || i.Name.Name != "_" && i.Name.Name != "." {
				continue
			}
			p := strings.Trim(i.Path.Value, `"`)
			linked := regexp.MustCompile(`//go:linkname \S+ ` + regexp.QuoteMeta(p) + `\.`).Match(f.text)
			if p != "embed" && p != "unsafe" && !linked { // which a directive needs
				t.Errorf("%s: imports %s as %s", f.at(i), p, i.Name.Name)
			}
		}
	})
}
