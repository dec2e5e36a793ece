package result

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"quorumlab/internal/guard"
	"quorumlab/internal/helper"
)

func TestMain(m *testing.M) {
	helper.Main(map[string]helper.Duty{guard.Role: guard.Main})
	os.Exit(m.Run())
}

// fill writes a file, one in a folder, and a folder without any.
func fill(says string) func(string) error {
	return func(dir string) error {
		return errors.Join(os.WriteFile(filepath.Join(dir, "summary.json"), []byte(says), 0o666),
			os.Mkdir(filepath.Join(dir, "plots"), 0o777), os.Mkdir(filepath.Join(dir, "failing"), 0o777),
			os.WriteFile(filepath.Join(dir, "plots", "a.svg"), []byte(says), 0o666))
	}
}

// left takes a place and leaves something there.
func left(t *testing.T, d Destination, says string) {
	t.Helper()
	p, err := d.Take()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(p.Leave(fill(says)), p.Release()); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(filepath.Join(d.Path, "summary.json")); err != nil || string(b) != says {
		t.Errorf("%s says %q, %v; not %q", d.Path, b, err, says)
	}
	if all, err := os.ReadDir(filepath.Dir(d.Path)); err != nil || !d.Into && len(all) != 1 {
		t.Errorf("beside it: %v (%v)", all, err)
	}
}

func put(t *testing.T, path, says string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(says), 0o666)); err != nil {
		t.Fatal(err)
	}
}

// TestOnlyOursIsReplaced: what anybody has put at a result's place, or into it, is there afterwards, and is
// replaced only on demand.
func TestOnlyOursIsReplaced(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(t *testing.T, path string) // beside nothing, or to a result
		old  bool
		want string // empty: it is replaced
	}{
		{"a result", func(*testing.T, string) {}, true, ""},
		{"an empty folder", func(t *testing.T, path string) { ok(t, os.Mkdir(path, 0o777)) }, false, ""},
		{"a folder whose marker was being written", func(t *testing.T, path string) {
			put(t, filepath.Join(path, freshMarker), "{")
		}, false, ""},
		{"a result whose marker was being written again", func(t *testing.T, path string) {
			put(t, filepath.Join(path, freshMarker), "{")
		}, true, ""},
		{"a folder", func(t *testing.T, path string) { put(t, filepath.Join(path, "mine"), "x") }, false,
			"quorumlab did not make this folder"},
		{"a file", func(t *testing.T, path string) { put(t, path, "x") }, false, "it is a file"},
		{"a link", func(t *testing.T, path string) { ok(t, os.Symlink(t.TempDir(), path)) }, false,
			"it is a symbolic link"},
		{"a file in a result", func(t *testing.T, path string) { put(t, filepath.Join(path, "mine"), "x") }, true,
			"it holds mine, which quorumlab did not write"},
		{"a folder in a result", func(t *testing.T, path string) {
			ok(t, os.Mkdir(filepath.Join(path, "mine"), 0o777))
		}, true, "it holds the folder mine"},
		{"a file deep in a result", func(t *testing.T, path string) {
			put(t, filepath.Join(path, "plots", "mine"), "x")
		}, true, "it holds plots/mine"},
		{"a file that was edited", func(t *testing.T, path string) {
			put(t, filepath.Join(path, "plots", "a.svg"), "x")
		}, true, "plots/a.svg in it was changed"},
		{"a file that became a link", func(t *testing.T, path string) {
			ok(t, os.Remove(filepath.Join(path, "summary.json")))
			ok(t, os.Symlink("/etc/hostname", filepath.Join(path, "summary.json")))
		}, true, "summary.json in it is no longer a regular file"},
		{"a file that was removed", func(t *testing.T, path string) { ok(t, os.Remove(filepath.Join(path, "summary.json"))) },
			true, ""},
		{"a file in an empty folder", func(t *testing.T, path string) {
			put(t, filepath.Join(path, "failing", "mine"), "x")
		}, true, "it holds failing/mine"},
		{"another kind", func(t *testing.T, path string) { ok(t, Mark(path, "plan")) }, true, "it is the result of a plan"},
		{"a marker of another", func(t *testing.T, path string) { put(t, filepath.Join(path, markerName), "{}") }, true,
			"quorumlab did not make this folder"},
	} {
		t.Run(c.name, func(t *testing.T) {
			claim := Destination{Path: filepath.Join(t.TempDir(), "out", "it"), Kind: "run"}
			ok(t, os.Mkdir(filepath.Dir(claim.Path), 0o777))
			if c.old {
				left(t, claim, "old")
			}
			c.do(t, claim.Path)
			if c.want != "" {
				_, err := claim.Take()
				refused := new(PlaceError)
				if !errors.As(err, &refused) || !strings.Contains(err.Error(), c.want) ||
					!strings.Contains(refused.Hint, "--force") {
					t.Fatalf("%v; want %q", err, c.want)
				}
				claim.Force = true
			}
			left(t, claim, "new")
		})
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestCameMeanwhile: what is put there while the work goes on is safe too, and so is the work.
func TestCameMeanwhile(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	claim := Destination{Path: filepath.Join(t.TempDir(), "it"), Kind: "run"}
	p, err := claim.Take()
	ok(t, err)
	defer p.Release()
	put(t, filepath.Join(claim.Path, "mine"), "x")
	kept := new(KeptError)
	if err := p.Leave(fill("new")); !errors.As(err, &kept) || !strings.Contains(err.Error(), "did not make this folder") {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(filepath.Join(kept.Kept, "summary.json")); err != nil || string(b) != "new" {
		t.Errorf("kept: %q, %v", b, err)
	}
	if _, err := os.Stat(filepath.Join(claim.Path, "mine")); err != nil {
		t.Error(err)
	}
}

// TestKeptElsewhere: what can't be written to its place is kept and said.
func TestKeptElsewhere(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	claim := Destination{Path: filepath.Join(t.TempDir(), "it"), Kind: "run"}
	p, err := claim.Take()
	ok(t, err)
	defer p.Release()
	full := errors.New("no space left on device")
	err = p.Leave(func(dir string) error {
		if strings.HasPrefix(dir, filepath.Dir(claim.Path)) {
			return &fs.PathError{Op: "write", Path: dir, Err: full}
		}
		return fill("new")(dir)
	})
	kept := new(KeptError)
	if !errors.As(err, &kept) || !errors.Is(err, full) || !strings.Contains(err.Error(), "what was done is kept in ") {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(filepath.Join(kept.Kept, "summary.json")); err != nil || string(b) != "new" {
		t.Errorf("%q, %v", b, err)
	}
}

// TestFailedPartLeavesNothing: an error that is no disk's is passed on, and the older result stays.
func TestFailedPartLeavesNothing(t *testing.T) {
	claim := Destination{Path: filepath.Join(t.TempDir(), "out", "it"), Kind: "run"}
	bad := errors.New("nothing to draw")
	p, err := claim.Take()
	ok(t, err)
	if err := p.Leave(func(string) error { return bad }); !errors.Is(err, bad) {
		t.Error(err)
	}
	ok(t, p.Release())
	if _, err := os.Stat(filepath.Dir(claim.Path)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder that was made for it is still there: %v", err)
	}
}

// TestTriedFirst: a folder that can't be written is known before the work.
func TestTriedFirst(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "file"), "x")
	for _, c := range []struct {
		claim Destination
		want  string
	}{
		{Destination{Path: filepath.Join(dir, "file", "it")}, "file: it is a file, not a folder"},
		{Destination{Path: filepath.Join(dir, "file"), Into: true}, "file: it is a file, not a folder"},
		{Destination{Path: filepath.Join("/proc/self", "out", "it")}, "/proc/self/out: "},
		{Destination{Path: filepath.Join(dir, "it"), Room: 1 << 60},
			"no space left on device for the result: it takes about"},
	} {
		if _, err := c.claim.Take(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", c.claim.Path, err, c.want)
		}
	}
	if all, err := os.ReadDir(dir); err != nil || len(all) != 1 {
		t.Errorf("left %v, %v", all, err)
	}
}

// TestOneAtATime: who comes second is told who is there, or takes the next name if one will do.
func TestOneAtATime(t *testing.T) {
	claim := Destination{Path: filepath.Join(t.TempDir(), "it"), Kind: "run"}
	p, err := claim.Take()
	ok(t, err)
	if _, err := claim.Take(); err == nil || !strings.Contains(err.Error(), "another process is writing it: process ") {
		t.Errorf("a second one: %v", err)
	}
	next := claim
	next.Next = true
	q, err := next.Take()
	ok(t, err)
	if q.Path != claim.Path+"-2" {
		t.Errorf("the next one is %s", q.Path)
	}
	ok(t, errors.Join(p.Release(), q.Release(), p.Release()))
	put(t, filepath.Join(filepath.Dir(claim.Path), ".it.lock"), "a process that was killed")
	left(t, claim, "new")
}

// TestInto: single files are replaced where others stay, and no link is followed.
func TestInto(t *testing.T) {
	dir := t.TempDir()
	claim := Destination{Path: dir, Kind: "comparison", Into: true}
	put(t, filepath.Join(dir, "mine"), "x")
	left(t, claim, "old")
	left(t, claim, "new")
	if b, err := os.ReadFile(filepath.Join(dir, "mine")); err != nil || string(b) != "x" {
		t.Errorf("%q, %v", b, err)
	}
	put(t, filepath.Join(dir, "summary.json"), "edited")
	p, err := claim.Take()
	ok(t, err)
	defer p.Release()
	err = p.MayWrite(map[string][]byte{"summary.json": nil})
	if err == nil || !strings.Contains(err.Error(), "was changed") {
		t.Error(err)
	}
	elsewhere := t.TempDir()
	ok(t, errors.Join(os.RemoveAll(filepath.Join(dir, "plots")), os.Symlink(elsewhere, filepath.Join(dir, "plots")),
		os.Remove(filepath.Join(dir, "summary.json"))))
	if err := p.Leave(fill("new")); err == nil || !strings.Contains(err.Error(), "no link is followed") {
		t.Error(err)
	}
	if all, err := os.ReadDir(elsewhere); err != nil || len(all) > 0 {
		t.Errorf("elsewhere: %v, %v", all, err)
	}
}

// TestUnmarked: a file that is there is replaced by the same bytes, or by name, and a device not even so.
func TestUnmarked(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	dir := t.TempDir()
	claim := Destination{Path: dir, Kind: "man page", Into: true, Unmarked: true}
	left(t, claim, "old")
	left(t, claim, "old")
	if all, err := os.ReadDir(dir); err != nil || len(all) != 2 {
		t.Errorf("it left %v (%v)", all, err)
	}
	p, err := claim.Take()
	ok(t, err)
	err = p.Leave(fill("new"))
	if err == nil || !strings.Contains(err.Error(), "there is something else of that name") {
		t.Error(err)
	}
	ok(t, p.MayWrite(map[string][]byte{"summary.json": []byte("old"), "other": nil}))
	for _, says := range [][]byte{nil, []byte("new")} {
		if p.MayWrite(map[string][]byte{"summary.json": says}) == nil {
			t.Errorf("%q may be written", says)
		}
	}
	ok(t, p.Release())
	claim.Force = true
	left(t, claim, "new")
	if replaceable(fs.ModeDevice) || replaceable(fs.ModeNamedPipe) || replaceable(fs.ModeDir) {
		t.Error("what is no file would be replaced by one")
	}
}

// TestUnfinished: what a program has not written whole yet may be removed if it has its own files only.
func TestUnfinished(t *testing.T) {
	dir := t.TempDir()
	p := &Taken{}
	const kind = "sweep that is not finished"
	ok(t, MarkUnfinished(dir, kind, []string{"design.json", "plots/*.svg", "failing/*/*/trace.jsonl"}))
	for _, f := range []string{"design.json", "plots/a.svg", "failing/1/run-seed1/trace.jsonl"} {
		put(t, filepath.Join(dir, f), "any")
	}
	ok(t, p.MayReplace(dir, kind))
	for _, f := range []string{"mine", "plots/mine.txt", "failing/mine", "failing/1/run-seed1/mine", "mine/a.svg"} {
		put(t, filepath.Join(dir, f), "x")
		if err := p.MayReplace(dir, kind); err == nil || !strings.Contains(err.Error(), "which quorumlab did not") {
			t.Errorf("%s: %v", f, err)
		}
		ok(t, os.Remove(filepath.Join(dir, f)))
	}
}

// TestAdded: files are not added to a result while it is replaced, nor the other way round.
func TestAdded(t *testing.T) {
	claim := Destination{Path: filepath.Join(t.TempDir(), "it"), Kind: "run"}
	left(t, claim, "old")
	added := claim
	added.Into, added.Added = true, true
	for _, two := range [][2]Destination{{claim, added}, {added, claim}} {
		p, err := two[0].Take()
		ok(t, err)
		if _, err := two[1].Take(); err == nil || !strings.Contains(err.Error(), "another process is writing it") {
			t.Error(err)
		}
		ok(t, p.Release())
	}
}

// TestKilledWhileReplacing begins where a program may have been killed while it replaced a result.
func TestKilledWhileReplacing(t *testing.T) {
	for name, killed := range map[string]func(t *testing.T, path, aside string){
		"between the two steps": func(t *testing.T, path, aside string) { ok(t, os.Rename(path, aside)) },
		"before the end": func(t *testing.T, path, aside string) {
			ok(t, exec.Command("cp", "-r", path, aside).Run())
		},
	} {
		t.Run(name, func(t *testing.T) {
			claim := Destination{Path: filepath.Join(t.TempDir(), "it"), Kind: "run"}
			left(t, claim, "old")
			killed(t, claim.Path, (&Taken{Destination: claim}).aside())
			p, err := claim.Take()
			ok(t, err)
			ok(t, p.Release())
			if b, err := os.ReadFile(filepath.Join(claim.Path, "summary.json")); err != nil || string(b) != "old" {
				t.Errorf("it says %q, %v", b, err)
			}
			left(t, claim, "new")
		})
	}
}

// TestKilledWhileRemoving ends the removal of a result before each of its steps: what is left is still a result.
func TestKilledWhileRemoving(t *testing.T) {
	killed := errors.New("killed")
	for steps := 0; ; steps++ {
		claim := Destination{Path: filepath.Join(t.TempDir(), "it"), Kind: "run"}
		left(t, claim, "old")
		done := 0
		err := removeBy(func(path string) error {
			if done == steps {
				return killed
			}
			done++
			return os.RemoveAll(path)
		}, claim.Path)
		if err == nil {
			if steps < 3 {
				t.Errorf("only %d steps", steps)
			}
			return
		}
		if !errors.Is(err, killed) {
			t.Fatal(err)
		}
		left(t, claim, "new")
	}
}
