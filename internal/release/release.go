package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// stamp is the version of what is released, as the program itself tells it.
type stamp struct {
	Version string `json:"version"`
	Go      string `json:"go"`
	Etcd    string `json:"etcd"`
	Raft    string `json:"raft"`
	Trace   int    `json:"trace"`
	Results int    `json:"results"`
	Sweeps  int    `json:"sweeps"`
}

// release is one that is being made.
type release struct {
	options
	at       time.Time
	env      []string // of the compiler, beyond that of targets
	work     string   // a folder for what goes into packages
	dir      string   // of the release: out/VERSION
	programs []program
	stamp    stamp
	parts    map[string][]*part // of each program, by its name
	docs     []item             // what goes along with the programs everywhere
	man      []item
	shells   []item // completions
}

// makeRelease makes the release, and says what came out.
func makeRelease(ctx context.Context, o options, at time.Time, w io.Writer, env ...string) (err error) {
	r := &release{options: o, at: at, env: env, parts: map[string][]*part{}}
	if r.work, err = os.MkdirTemp("", "quorumlab-release-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(r.work)) }()
	if r.programs, err = programs(o.tree); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{r.licenses, r.engine, r.exactModule, r.build, r.ask, r.open,
		r.pages, r.completions, r.archives, r.debs, r.image, r.bundle, r.sums} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if err := r.tell(w); err != nil || !o.smoke {
		return err
	}
	return r.runInEmptyRoot(ctx, w)
}

// engine builds the simulator for browsers, which is embedded in the programs, in a tree that has one.
func (r *release) engine(ctx context.Context) error {
	const builder = "internal/webengine"
	if _, err := os.Stat(filepath.Join(r.tree, builder)); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	_, err := output(ctx, r.tree, slices.Concat(here().env(), r.env), "go", "run", "./"+builder)
	return err
}

// exactModule builds the WebAssembly module that is embedded in the programs, in a tree that has one.
func (r *release) exactModule(ctx context.Context) error {
	const builder = "sim/exact/build"
	if _, err := os.Stat(filepath.Join(r.tree, builder)); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	_, err := output(ctx, r.tree, slices.Concat(here().env(), r.env), "go", "run", "./"+builder,
		"sim/exact/dist/etcd.wasm.gz", "out/wasm")
	return err
}

// binary is where a program was built for a target.
func (r *release) binary(t target, name string) string {
	return filepath.Join(r.work, "bin", t.String(), t.file(name))
}

// build builds all programs for all targets, and for this machine: what is built is asked for its pages.
func (r *release) build(ctx context.Context) error {
	for _, t := range slices.Concat([]target{here()}, r.targets) {
		for _, p := range r.programs {
			to, err := filepath.Abs(r.binary(t, p.name))
			if err != nil {
				return err
			}
			if _, err := os.Stat(to); err == nil {
				continue // this machine's is also released
			}
			if err := build(ctx, r.tree, p, t, to, r.env...); err != nil {
				return fmt.Errorf("%s for %s: %w", p.name, t, err)
			}
		}
	}
	return nil
}

// self runs this machine's quorumlab.
func (r *release) self(ctx context.Context, args ...string) ([]byte, error) {
	return output(ctx, r.work, nil, r.binary(here(), "quorumlab"), args...)
}

func (r *release) ask(ctx context.Context) error {
	b, err := r.self(ctx, "version", "--json")
	if err != nil {
		return err
	}
	return json.Unmarshal(b, &r.stamp)
}

// recordName is the file that tells a folder of a release from any other.
const recordName = "release.json"

// open makes the folder. One that an earlier release left is replaced, and no other.
func (r *release) open(context.Context) error {
	r.dir = filepath.Join(r.out, r.stamp.Version)
	list, err := os.ReadDir(r.dir)
	switch {
	case err != nil && !errors.Is(err, os.ErrNotExist):
		return err
	case len(list) > 0 && !slices.ContainsFunc(list, func(d os.DirEntry) bool { return d.Name() == recordName }):
		return fmt.Errorf("%s is in the way: it has no %s, so no release made it", r.dir, recordName)
	}
	if err := os.RemoveAll(r.dir); err != nil {
		return err
	}
	return os.MkdirAll(r.dir, 0o755)
}

func (r *release) licenses(ctx context.Context) error {
	var lists [][]*part
	for _, p := range r.programs {
		list, err := partsOf(ctx, r.tree, p, r.targets)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		r.parts[p.name] = list
		lists = append(lists, list)
	}
	r.docs = []item{text("THIRD-PARTY-LICENSES.txt", licensesText(merged(lists...)))}
	for _, name := range []string{"LICENSE", "README.md", "CHANGELOG.md"} {
		b, err := os.ReadFile(filepath.Join(r.tree, name))
		if err != nil {
			return err
		}
		r.docs = append(r.docs, text(name, b))
	}
	return nil
}

// pages has the program write its man pages.
func (r *release) pages(ctx context.Context) error {
	dir := filepath.Join(r.work, "man")
	if _, err := r.self(ctx, "man", dir); err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.1"))
	if err != nil {
		return err
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			return err
		}
		r.man = append(r.man, text(filepath.Base(f), b))
	}
	return nil
}

func (r *release) completions(ctx context.Context) error {
	names := map[string]string{"bash": "quorumlab.bash", "zsh": "_quorumlab", "fish": "quorumlab.fish"}
	for shell, name := range names {
		b, err := r.self(ctx, "completion", shell)
		if err != nil {
			return err
		}
		r.shells = append(r.shells, text(name, b))
	}
	return nil
}

// executables are the programs for a target, and bills are their bills of materials.
func (r *release) executables(t target) (items []item) {
	for _, p := range r.programs {
		items = append(items, executable(t.file(p.name), r.binary(t, p.name)))
	}
	return items
}

func (r *release) bills(t target) (items []item, err error) {
	for _, p := range r.programs {
		b, err := billOfMaterials(r.binary(t, p.name), p.name, r.stamp.Version, t, r.parts[p.name], r.at)
		if err != nil {
			return nil, err
		}
		items = append(items, text(p.name+".cdx.json", b))
	}
	return items, nil
}

// archives writes one for each target.
func (r *release) archives(context.Context) error {
	for _, t := range r.targets {
		bills, err := r.bills(t)
		if err != nil {
			return err
		}
		items := slices.Concat(r.executables(t), r.docs, below("man", r.man), below("completions", r.shells),
			below("sbom", bills))
		items = below("quorumlab-"+r.stamp.Version, items)
		name, write := r.archive(t), writeTarGz
		if t.os == "windows" {
			write = writeZip
		}
		err = create(filepath.Join(r.dir, name), func(w io.Writer) error { return write(w, items, r.at) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *release) archive(t target) string {
	end := ".tar.gz"
	if t.os == "windows" {
		end = ".zip"
	}
	return "quorumlab_" + r.stamp.Version + "_" + t.String() + end
}

func (r *release) debs(context.Context) error {
	for _, t := range r.targets {
		if t.os != "linux" {
			continue
		}
		items, err := r.installed(t)
		if err != nil {
			return err
		}
		name := "quorumlab_" + r.stamp.Version + "_" + t.arch + ".deb"
		err = create(filepath.Join(r.dir, name), func(w io.Writer) error {
			return writeDeb(w, r.stamp.Version, t, items, r.at)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// installed is what a .deb puts where.
func (r *release) installed(t target) ([]item, error) {
	bills, err := r.bills(t)
	if err != nil {
		return nil, err
	}
	items := slices.Concat(below("usr/bin", r.executables(t)), below("usr/share/doc/quorumlab/sbom", bills))
	for _, i := range r.man {
		if i.content, err = gzipped(i.content); err != nil {
			return nil, err
		}
		i.name = "usr/share/man/man1/" + i.name + ".gz"
		items = append(items, i)
	}
	places := map[string]string{
		"quorumlab.bash": "usr/share/bash-completion/completions/quorumlab",
		"_quorumlab":     "usr/share/zsh/vendor-completions/_quorumlab",
		"quorumlab.fish": "usr/share/fish/vendor_completions.d/quorumlab.fish",
		"LICENSE":        "usr/share/doc/quorumlab/copyright",
	}
	for _, i := range slices.Concat(r.shells, r.docs) {
		if i.name = cmp.Or(places[i.name], "usr/share/doc/quorumlab/"+i.name); i.name == places["LICENSE"] {
			i.content = append(bytes.Clone(i.content), "\nThe works of others in it: THIRD-PARTY-LICENSES.txt.\n"...)
		}
		items = append(items, i)
	}
	return items, nil
}

// image writes what a container's image is built with.
func (r *release) image(context.Context) error {
	b, err := files.ReadFile("files/Dockerfile")
	if err != nil {
		return err
	}
	b = bytes.ReplaceAll(b, []byte("@VERSION@"), []byte(r.stamp.Version))
	return os.WriteFile(filepath.Join(r.dir, "Dockerfile"), b, 0o644)
}

// sums writes what was released, from what, and the checksums of all files.
func (r *release) sums(context.Context) error {
	record, err := json.MarshalIndent(struct {
		Format int `json:"format"`
		stamp
		Date string `json:"date"`
	}{1, r.stamp, r.at.Format(time.RFC3339)}, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(r.dir, recordName), append(record, '\n'), 0o644); err != nil {
		return err
	}
	list, err := os.ReadDir(r.dir)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	for _, d := range list {
		f, err := os.Open(filepath.Join(r.dir, d.Name()))
		if err != nil {
			return err
		}
		h := sha256.New()
		_, err = io.Copy(h, f)
		if err = errors.Join(err, f.Close()); err != nil {
			return err
		}
		fmt.Fprintf(&b, "%s  %s\n", hex.EncodeToString(h.Sum(nil)), d.Name())
	}
	return os.WriteFile(filepath.Join(r.dir, sumsName), b.Bytes(), 0o644)
}

const sumsName = "SHA256SUMS"

// tell lists what came out with its size.
func (r *release) tell(w io.Writer) error {
	list, err := os.ReadDir(r.dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(
		w,
		"quorumlab %s, %s, etcd %s, in %s\n",
		r.stamp.Version,
		r.stamp.Go,
		r.stamp.Etcd,
		filepath.ToSlash(r.dir),
	)
	for _, d := range list {
		info, err := d.Info()
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "  %6.1f MB  %s\n", float64(info.Size())/1e6, d.Name())
	}
	return nil
}

// checkAgain makes the release again, from a copy of the tree in another folder and with nothing that was compiled
// before, and compares the checksums.
func checkAgain(ctx context.Context, o options, at time.Time, w io.Writer) (err error) {
	elsewhere, err := os.MkdirTemp("", "quorumlab-again-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(elsewhere)) }()
	again := o
	again.tree, again.out, again.smoke = filepath.Join(elsewhere, "copy"), filepath.Join(elsewhere, "out"), false
	if err := copyTree(ctx, o.tree, again.tree); err != nil {
		return err
	}
	cache := "GOCACHE=" + filepath.Join(elsewhere, "cache")
	if err := makeRelease(ctx, again, at, io.Discard, cache); err != nil {
		return err
	}
	return compare(o.out, again.out, w)
}

// compare holds the checksums of two releases against each other.
func compare(one, other string, w io.Writer) error {
	first, err := readSums(one)
	if err != nil {
		return err
	}
	second, err := readSums(other)
	if err != nil {
		return err
	}
	var differ []string
	for name, sum := range first {
		if second[name] != sum {
			differ = append(differ, name)
		}
	}
	for name := range second {
		if first[name] == "" {
			differ = append(differ, name)
		}
	}
	if len(differ) > 0 {
		slices.Sort(differ)
		return fmt.Errorf("%w: what was built a second time differs in %s", errDiffers, strings.Join(differ, ", "))
	}
	fmt.Fprintf(w, "built a second time, elsewhere and from nothing: %d files, the same bytes\n", len(first))
	return nil
}

// readSums reads the checksums of the only release in a folder.
func readSums(out string) (map[string]string, error) {
	files, err := filepath.Glob(filepath.Join(out, "*", sumsName))
	if err != nil {
		return nil, err
	}
	if len(files) != 1 {
		return nil, fmt.Errorf("in %s there are %d releases, not one", out, len(files))
	}
	b, err := os.ReadFile(files[0])
	if err != nil {
		return nil, err
	}
	sums := map[string]string{}
	for line := range strings.Lines(string(b)) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		sums[name] = sum
	}
	return sums, nil
}
