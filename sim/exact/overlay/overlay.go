// Package overlay builds the WebAssembly module of etcd in virtual time: from what go.mod names, with some files of the
// modules replaced by those in this folder. README.md says which, and why.
package overlay

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// goVersion is the version of Go that builds the module; another one makes other bytes. The go command fetches it if it
// is another one itself.
const goVersion = "go1.26.8"

//go:embed *.txt
var ours embed.FS

// replacement is a file of ours in a module of others.
type replacement struct {
	module, version string
	path            string // in the module
	hash            string // SHA-256 of what is there; empty: nothing
	by              string // in this folder
}

var replacements = []replacement{
	{"go.etcd.io/bbolt", "v1.5.0", "bolt_unix.go",
		"80b2f1b8c1798a11457d5d21dff4c25130fe60e1c80d6af1db645834b6056647", "bbolt-bolt_unix.go.txt"},
	{"go.etcd.io/bbolt", "v1.5.0", "mlock_unix.go",
		"1b9fb9fd28f13a3a4ff9be1aa5160cd8f9ddc11b80b53509ac4c976b360b81d9", "bbolt-mlock_unix.go.txt"},
	{"go.etcd.io/bbolt", "v1.5.0", "internal/common/bolt_wasm.go", "", "bbolt-common-bolt_wasm.go.txt"},
	{"go.etcd.io/etcd/client/pkg/v3", "v3.7.3", "fileutil/lock_flock.go",
		"9e8689903a374cab4fe2f42e6547acaf8abe107c4b748986b8c3795336415e69", "etcd-lock_flock.go.txt"},
	{"github.com/coreos/go-systemd/v22", "v22.7.0", "journal/journal_unix.go",
		"dfa7cfe912169126d561ec546fe52d8e3d13bbc9f6ff8c6a369743df32e9b2f2", "systemd-journal_unix.go.txt"},
}

// Build builds the module, of the checkout in a folder. scratch, below that folder, is made for copies and
// removed again; the module's bytes do not depend on where the checkout is. bug is a planted one, or nil. Errors
// say what is not as the overlay expects it, and what the go command said.
func Build(ctx context.Context, root, scratch string, bug *Planted) ([]byte, error) {
	if err := os.MkdirAll(scratch, 0o777); err != nil {
		return nil, err
	}
	b := builder{ctx: ctx, root: root, scratch: scratch}
	wasm, err := b.build(bug)
	return wasm, errors.Join(err, os.RemoveAll(scratch))
}

// Pack compresses a module, for exact.Packed.
func Pack(wasm []byte) ([]byte, error) {
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	_, err = w.Write(wasm)
	err = errors.Join(err, w.Close())
	return packed.Bytes(), err
}

// PackedAs reports whether packed is what Pack made of a module.
func PackedAs(packed, wasm []byte) bool {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return false
	}
	was, err := io.ReadAll(r)
	return err == nil && bytes.Equal(was, wasm)
}

type builder struct {
	ctx           context.Context
	root, scratch string
	edits         []string // of go.mod
}

func (b *builder) build(bug *Planted) ([]byte, error) {
	var changed []string
	for _, r := range replacements {
		if !slices.Contains(changed, r.module) {
			changed = append(changed, r.module)
		}
	}
	if bug != nil && !slices.Contains(changed, bug.Module) {
		changed = append(changed, bug.Module)
	}
	for _, m := range changed {
		if err := b.copyModule(m, bug); err != nil {
			return nil, err
		}
	}
	mod := filepath.Join(b.scratch, "wasm.mod")
	if err := b.goMod(mod); err != nil {
		return nil, err
	}
	out := filepath.Join(b.scratch, "etcd.wasm")
	_, err := b.run("build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-modfile", mod, "-o", out,
		"./sim/exact/module")
	if err != nil {
		return nil, err
	}
	return os.ReadFile(out)
}

// run runs the go command in the checkout, with nothing of the environment that would change what it builds.
func (b *builder) run(args ...string) ([]byte, error) {
	cmd := exec.CommandContext(b.ctx, "go", args...)
	cmd.Dir = b.root
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOTOOLCHAIN="+goVersion, "GOFLAGS=", "GOWASM=",
		"GOEXPERIMENT=", "GOWORK=off", "GODEBUG=", "CGO_ENABLED=0")
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go %s: %w\n%s", args[0], err, said.Bytes())
	}
	return out, nil
}

// copyModule copies a module to scratch, with our files in it and the bug, if it is there.
func (b *builder) copyModule(module string, bug *Planted) error {
	out, err := b.run("list", "-m", "-f", "{{.Version}}\t{{.Dir}}", module)
	if err != nil {
		return err
	}
	version, dir, _ := strings.Cut(strings.TrimSpace(string(out)), "\t")
	if dir == "" {
		if _, err := b.run("mod", "download", module); err != nil {
			return err
		}
		if out, err = b.run("list", "-m", "-f", "{{.Dir}}", module); err != nil {
			return err
		}
		dir = strings.TrimSpace(string(out))
	}
	name := strings.ReplaceAll(module, "/", "_")
	if bug != nil && bug.Module == module {
		name += "-" + bug.Name
	}
	to := filepath.Join(b.scratch, name)
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	if err := copyTree(to, dir); err != nil {
		return err
	}
	for _, r := range replacements {
		if r.module != module {
			continue
		}
		if err := r.apply(to, version); err != nil {
			return err
		}
	}
	if bug != nil && bug.Module == module {
		if err := bug.plant(to); err != nil {
			return err
		}
	}
	rel, err := filepath.Rel(b.root, to)
	if err != nil {
		return err
	}
	b.edits = append(b.edits, "-replace="+module+"=./"+filepath.ToSlash(rel))
	return nil
}

// copyTree copies a module's files, of which tests and commands are not needed.
func copyTree(to, from string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		at := filepath.Join(to, rel)
		if d.IsDir() {
			return os.MkdirAll(at, 0o777)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(at, text, 0o666)
	})
}

// apply puts the file in a copy of its module.
func (r *replacement) apply(dir, version string) error {
	if version != r.version {
		return fmt.Errorf("%s is %s in go.mod, and the overlay is for %s: see sim/exact/overlay/README.md, After a bump",
			r.module, version, r.version)
	}
	at := filepath.Join(dir, filepath.FromSlash(r.path))
	is, err := os.ReadFile(at)
	found := ""
	switch {
	case err == nil:
		sum := sha256.Sum256(is)
		found = hex.EncodeToString(sum[:])
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if found != r.hash {
		return fmt.Errorf("%s of %s %s is not what the overlay replaces: its SHA-256 is %q, not %q: see "+
			"sim/exact/overlay/README.md, After a bump", r.path, r.module, version, found, r.hash)
	}
	text, err := ours.ReadFile(r.by)
	if err != nil {
		return err
	}
	return os.WriteFile(at, text, 0o666)
}

// goMod writes a copy of go.mod that names the copies, and one of go.sum beside it.
func (b *builder) goMod(to string) error {
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(b.root, name))
		if err != nil {
			return err
		}
		if err := os.WriteFile(strings.TrimSuffix(to, ".mod")+filepath.Ext(name), text, 0o666); err != nil {
			return err
		}
	}
	_, err := b.run(append(append([]string{"mod", "edit"}, b.edits...), to)...)
	return err
}
