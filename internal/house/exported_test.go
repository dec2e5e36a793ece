package house

import (
	"go/ast"
	"go/token"
	"strings"
	"testing"
)

// What is exported has a user outside of its package: another package, or a test or example that
// stands outside. Package sim is what other programs are written against. A type counts as used
// when something exported shows it, and the constants of one block as used when one of them or their
// type is: an enumeration is not taken apart. The values of errors are left alone.
func TestNothingIsExportedForNobody(t *testing.T) {
	type name struct{ dir, name string }
	used, shown := map[name]bool{}, map[name]bool{}
	each(t, func(f *file) {
		ast.Inspect(f.File, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok {
					if dir, ours := strings.CutPrefix(f.imports[x.Name], module+"/"); ours {
						used[name{dir, s.Sel.Name}] = true
					}
				}
			}
			return true
		})
		if !f.test {
			showing(f.File, func(id string) { shown[name{f.dir, id}] = true })
		}
	})
	each(t, func(f *file) {
		if f.test || f.Name.Name == "main" || f.dir == "sim" {
			return
		}
		exported(f.File, func(ids []*ast.Ident) {
			wanted := strings.HasPrefix(ids[0].Name, "Err") // for whoever wants to tell errors apart
			for _, id := range ids {
				n := name{f.dir, id.Name}
				wanted = wanted || used[n] || shown[n]
			}
			if !wanted {
				t.Errorf("%s: nobody outside of %s uses %s", f.at(ids[0]), f.dir, ids[0].Name)
			}
		})
	})
}

// exported visits the exported names of a package's level, those of a block of constants together.
func exported(f *ast.File, visit func([]*ast.Ident)) {
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.IsExported() {
				visit([]*ast.Ident{d.Name})
			}
		case *ast.GenDecl:
			var block []*ast.Ident
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					if s.Name.IsExported() {
						visit([]*ast.Ident{s.Name})
					}
				case *ast.ValueSpec:
					for _, id := range s.Names {
						if id.IsExported() {
							block = append(block, id)
						}
					}
					if id, ok := s.Type.(*ast.Ident); ok && d.Tok == token.CONST && len(block) > 0 {
						block = append(block, id)
					}
				}
				if d.Tok != token.CONST && len(block) > 0 {
					visit(block)
					block = nil
				}
			}
			if len(block) > 0 {
				visit(block)
			}
		}
	}
}

// showing visits the names that stand in the exported face of a package: parameters, results, fields,
// and the types of constants.
func showing(f *ast.File, visit func(string)) {
	all := func(n ast.Node) {
		if n == nil {
			return
		}
		ast.Inspect(n, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				visit(id.Name)
			}
			return true
		})
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() {
				all(d.Type)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					if s.Name.IsExported() {
						all(s.Type)
					}
				case *ast.ValueSpec:
					if s.Names[0].IsExported() && s.Type != nil {
						all(s.Type)
					}
				}
			}
		}
	}
}
