package house

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The table in CONTRIBUTING.md says which room may import which: this test reads it from there. A room
// covers the folders below it that are no rooms of their own. Arrows point up the table, and a room
// imports all that its row names, so that the table is what the code is.

// kubernetesProgram is a module and a program of its own, so it has a main that ends it, and imports
// nothing of ours.
const kubernetesProgram = "lessons/40.2-role-in-kubernetes/apiserver"

var (
	row  = regexp.MustCompile("(?m)^\\| `([a-z0-9/]+)/` \\| .* \\| (.*) \\|$")
	name = regexp.MustCompile("`([a-z0-9/]+)`")
)

// rooms reads the table: each room's imports, "*" for all, and the order of the rows.
func rooms(t *testing.T) (imports map[string][]string, order []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "CONTRIBUTING.md"))
	if err != nil {
		t.Fatal(err)
	}
	imports = map[string][]string{kubernetesProgram: nil}
	for _, m := range row.FindAllStringSubmatch(string(text), -1) {
		room, may := m[1], m[2]
		if _, twice := imports[room]; twice {
			t.Errorf("CONTRIBUTING.md has two rows for %s", room)
		}
		order = append(order, room)
		imports[room] = nil
		if strings.HasPrefix(may, "everything") {
			imports[room] = []string{"*"}
			continue
		}
		for _, n := range name.FindAllStringSubmatch(may, -1) {
			imports[room] = append(imports[room], n[1])
		}
	}
	if len(order) < 10 {
		t.Fatalf("the table of CONTRIBUTING.md has %d rooms", len(order))
	}
	return imports, order
}

// roomOf is the innermost room that holds a path.
func roomOf(imports map[string][]string, path string) string {
	room := ""
	for r := range imports {
		if strings.HasPrefix(path, r+"/") && len(r) > len(room) {
			room = r
		}
	}
	return room
}

func TestRoomsImportWhatTheirRowsSay(t *testing.T) {
	imports, order := rooms(t)
	used := map[string]map[string]bool{}
	each(t, func(f *file) {
		room := roomOf(imports, f.path)
		if room == "" {
			t.Errorf("%s is in no room; they are the rows of the table in CONTRIBUTING.md", f.path)
			return
		}
		if (room == "sim" || room == "plots") && f.dir != room {
			t.Errorf("%s: %s has no row in the table of CONTRIBUTING.md", f.path, f.dir)
		}
		if f.test {
			return
		}
		if used[room] == nil {
			used[room] = map[string]bool{}
		}
		for _, p := range f.imports {
			inner, isOurs := strings.CutPrefix(p, module+"/")
			if !isOurs {
				if room == "sim" && strings.Contains(strings.Split(p, "/")[0], ".") {
					t.Errorf("%s imports %s; room sim takes the standard library only", f.path, p)
				}
				continue
			}
			to := roomOf(imports, inner+"/")
			used[room][to] = true
			may := imports[room]
			if to != room && !slices.Contains(may, "*") && !slices.Contains(may, to) {
				t.Errorf("%s imports %s; room %s may import %v", f.path, p, room, may)
			}
		}
	})
	for _, room := range order {
		for _, to := range imports[room] {
			if to != "*" && !used[room][to] {
				t.Errorf("CONTRIBUTING.md says that %s imports %s, which it does not", room, to)
			}
			if to != "*" && slices.Index(order, to) > slices.Index(order, room) {
				t.Errorf("CONTRIBUTING.md: %s imports %s, which stands below it", room, to)
			}
		}
	}
}
