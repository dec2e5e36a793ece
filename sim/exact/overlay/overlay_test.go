package overlay

import (
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// listed is where a module of go.mod is, and its version.
func listed(t *testing.T, module string) (version, dir string) {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Version}}\t{{.Dir}}", module).Output()
	if err != nil {
		t.Fatal(err)
	}
	version, dir, _ = strings.Cut(strings.TrimSpace(string(out)), "\t")
	return version, dir
}

// place puts the file that a replacement is for into a folder.
func place(t *testing.T, r *replacement, from, to string) {
	t.Helper()
	at := filepath.Join(to, r.path)
	if err := os.MkdirAll(filepath.Dir(at), 0o777); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(from, r.path))
	if os.IsNotExist(err) {
		return
	}
	if err == nil {
		err = os.WriteFile(at, text, 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestOverlayFits: each file of ours fits what go.mod names today, and nothing else.
func TestOverlayFits(t *testing.T) {
	used := map[string]bool{}
	for _, r := range replacements {
		used[r.by] = true
		version, from := listed(t, r.module)
		to := t.TempDir()
		place(t, &r, from, to)
		if err := r.apply(to, version); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(to, r.path))
		if err != nil {
			t.Fatal(err)
		}
		ours, err := ours.ReadFile(r.by)
		if err != nil || string(got) != string(ours) {
			t.Errorf("%s is not in place: %v", r.by, err)
		}
		if nice, err := format.Source(ours); err != nil || string(nice) != string(ours) {
			t.Errorf("%s is not formatted: %v", r.by, err)
		}
		if err := r.apply(to, version); err == nil || !strings.Contains(err.Error(), "After a bump") {
			t.Errorf("%s takes the place of another file: %v", r.by, err)
		}
		if err := r.apply(to, "v0.0.1"); err == nil || !strings.Contains(err.Error(), "v0.0.1") {
			t.Errorf("%s is put into another version: %v", r.by, err)
		}
	}
	list, err := ours.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		if !used[f.Name()] {
			t.Errorf("nothing uses %s", f.Name())
		}
	}
}

// TestPacked: what is packed is recognized, and the same bytes each time.
func TestPacked(t *testing.T) {
	wasm := []byte(strings.Repeat("module ", 1000))
	a, err := Pack(wasm)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Pack(wasm)
	if err != nil || string(a) != string(b) {
		t.Errorf("packed again it is another file: %v", err)
	}
	if !PackedAs(a, wasm) || PackedAs(a, wasm[1:]) || PackedAs(wasm, wasm) || PackedAs(a[:len(a)-9], wasm) {
		t.Error("a packed module is not told from others")
	}
}

// TestEachBugFits: each bug can be planted in what go.mod names today, and what comes out is Go.
func TestEachBugFits(t *testing.T) {
	to := t.TempDir()
	names := map[string]bool{}
	for _, b := range AllPlanted {
		_, from := listed(t, b.module)
		place(t, &replacement{path: b.path}, from, to)
	}
	for _, b := range AllPlanted {
		if err := b.plant(to); err != nil {
			t.Error(err)
			continue
		}
		for _, name := range []string{filepath.Base(b.path), "planted.go"} {
			at := filepath.Join(to, filepath.Dir(b.path), name)
			if _, err := parser.ParseFile(token.NewFileSet(), at, nil, parser.SkipObjectResolution); err != nil {
				t.Errorf("%s: %v", b.Name, err)
			}
		}
		if names[b.Name] || b.About == "" || !strings.Contains(b.new, `"`+b.Name+`"`) {
			t.Errorf("%s: a bug has a name of its own, a sentence, and a change that asks for the name", b.Name)
		}
		names[b.Name] = true
	}
	gone := AllPlanted[0]
	gone.old = "what is not there"
	if err := gone.plant(to); err == nil || !strings.Contains(err.Error(), "0 times") {
		t.Errorf("a bug is planted where it does not fit: %v", err)
	}
}
