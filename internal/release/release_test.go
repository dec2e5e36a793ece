package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func TestMain(m *testing.M) {
	if inRoot() {
		return
	}
	os.Exit(m.Run())
}

// small is a program that answers what a release asks, and has one library.
const small = `package main

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"
)

func main() {
	var g errgroup.Group
	switch os.Args[1] {
	case "version":
		fmt.Println("{\"version\": \"1.2.3\", \"trace\": 1}")
	case "completion":
		fmt.Println("# for", os.Args[2])
	case "man":
		g.Go(func() error { return os.MkdirAll(os.Args[2], 0o777) })
		if err := g.Wait(); err != nil {
			panic(err)
		}
		page := filepath.Join(os.Args[2], "quorumlab.1")
		if err := os.WriteFile(page, []byte(".TH QUORUMLAB 1\n"), 0o666); err != nil {
			panic(err)
		}
	}
}
`

// smallTree is a tree to release, as the real one but small.
func smallTree(t *testing.T) string {
	t.Helper()
	tree := t.TempDir()
	sums, err := os.ReadFile("../../go.sum")
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"go.mod":                "module small\n\ngo 1.26.0\n\nrequire golang.org/x/sync v0.24.0\n",
		"go.sum":                string(sums),
		"cmd/quorumlab/main.go": small,
		"LICENSE":               "Do as you like.\n", "README.md": "# small\n", "CHANGELOG.md": "# Changelog\n",
		"docs/README.md": "# The manual\n\n[Next](next.md#here)\n", "docs/next.md": "# Next\n\n| a |\n|---|\n| b |\n",
		"scenarios/one.yaml": "title: One\n",
	} {
		put(t, filepath.Join(tree, name), content)
	}
	return tree
}

func put(t *testing.T, path, content string) {
	t.Helper()
	err := os.MkdirAll(filepath.Dir(path), 0o777)
	if err = errors.Join(err, os.WriteFile(path, []byte(content), 0o666)); err != nil {
		t.Fatal(err)
	}
}

// released makes a release of a tree for this machine.
func released(t *testing.T, tree, out string) error {
	t.Helper()
	t.Setenv("SOURCE_DATE_EPOCH", "1700000000")
	return run(
		t.Context(),
		[]string{"-tree", tree, "-out", out, "-smoke=false", "-targets", here().os + "/" + here().arch},
	)
}

// A release from two folders has the same bytes, and one from other sources has not.
func TestReleaseIsReproducible(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds, and has no goroutines")
	}
	tree, out := smallTree(t), t.TempDir()
	if err := released(t, tree, out); err != nil {
		t.Fatal(err)
	}
	again := t.TempDir()
	if err := released(t, smallTree(t), again); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	if err := compare(out, again, &said); err != nil || !strings.Contains(said.String(), "the same bytes") {
		t.Error(err, said.String())
	}
	put(t, filepath.Join(tree, "README.md"), "# another\n")
	if err := released(t, tree, again); err != nil { // what was there is an earlier release
		t.Fatal(err)
	}
	if err := compare(out, again, &said); !errors.Is(err, errDiffers) || !strings.Contains(err.Error(), "workshop") {
		t.Errorf("another tree: %v", err)
	}
	t.Run("archive", func(t *testing.T) { looksAtArchive(t, filepath.Join(out, "1.2.3")) })
	t.Run("deb", func(t *testing.T) { looksAtDeb(t, filepath.Join(out, "1.2.3")) })
	t.Run("bundle", func(t *testing.T) { looksAtBundle(t, filepath.Join(out, "1.2.3")) })
}

// looksAtArchive unpacks an archive, and holds its bill of materials against CycloneDX's schema.
func looksAtArchive(t *testing.T, dir string) {
	if here().os == "windows" {
		t.Skip("it is a zip file, as the bundle")
	}
	to := t.TempDir()
	if err := unpack(filepath.Join(dir, "quorumlab_1.2.3_"+here().String()+".tar.gz"), to); err != nil {
		t.Fatal(err)
	}
	top := filepath.Join(to, "quorumlab-1.2.3")
	if said, err := exec.Command(filepath.Join(top, "quorumlab"), "completion", "zsh").Output(); string(
		said,
	) != "# for zsh\n" {
		t.Errorf("the program says %q, %v", said, err)
	}
	for _, name := range []string{"LICENSE", "README.md", "CHANGELOG.md", "man/quorumlab.1", "completions/_quorumlab",
		"completions/quorumlab.bash", "completions/quorumlab.fish"} {
		if _, err := os.Stat(filepath.Join(top, name)); err != nil {
			t.Error(err)
		}
	}
	texts, err := os.ReadFile(filepath.Join(top, "THIRD-PARTY-LICENSES.txt"))
	if err != nil || !strings.Contains(string(texts), "golang.org/x/sync v0.24.0: BSD-3-Clause") ||
		!strings.Contains(string(texts), "Redistributions in binary form must reproduce") {
		t.Errorf("the licences: %v\n%s", err, texts)
	}
	bill, err := os.ReadFile(filepath.Join(top, "sbom", "quorumlab.cdx.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"pkg:golang/golang.org/x/sync@v0.24.0", `"BSD-3-Clause"`, "2023-11-14T22:13:20Z",
		"pkg:golang/std@"} {
		if !strings.Contains(string(bill), want) {
			t.Errorf("the bill of materials lacks %s:\n%s", want, bill)
		}
	}
	validBill(t, bill)
}

// validBill holds a bill against the schema that its format's library has beside its tests.
func validBill(t *testing.T, bill []byte) {
	t.Helper()
	out, err := output(t.Context(), ".", nil, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/CycloneDX/cyclonedx-go")
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	folder := filepath.Join(strings.TrimSpace(string(out)), "schema")
	for name, file := range map[string]string{"bom-1.6.schema.json": "bom-1.6.schema.json",
		"spdx.schema.json": "spdx.schema.json", "jsf-0.82.schema.json": "jsf-0.82.schemax.json"} {
		f, err := os.Open(filepath.Join(folder, file))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		doc, err := jsonschema.UnmarshalJSON(f)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource("http://cyclonedx.org/schema/"+name, doc); err != nil {
			t.Fatal(err)
		}
	}
	schema, err := c.Compile("http://cyclonedx.org/schema/bom-1.6.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(bill, &v); err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(v); err != nil {
		t.Error(err)
	}
}

// looksAtDeb has Debian's own tool read and unpack the package.
func looksAtDeb(t *testing.T, dir string) {
	file := filepath.Join(dir, "quorumlab_1.2.3_"+here().arch+".deb")
	tool, err := exec.LookPath("dpkg-deb")
	if err != nil || here().os != "linux" {
		t.Skip("this takes Debian's dpkg-deb")
	}
	to := t.TempDir()
	if out, err := exec.Command(tool, "--extract", file, to).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, name := range []string{"usr/bin/quorumlab", "usr/share/man/man1/quorumlab.1.gz",
		"usr/share/bash-completion/completions/quorumlab", "usr/share/zsh/vendor-completions/_quorumlab",
		"usr/share/fish/vendor_completions.d/quorumlab.fish", "usr/share/doc/quorumlab/copyright",
		"usr/share/doc/quorumlab/THIRD-PARTY-LICENSES.txt", "usr/share/doc/quorumlab/sbom/quorumlab.cdx.json"} {
		if _, err := os.Stat(filepath.Join(to, name)); err != nil {
			t.Error(err)
		}
	}
	fields, err := exec.Command(tool, "--field", file, "Package", "Version", "Architecture").Output()
	want := "Package: quorumlab\nVersion: 1.2.3\nArchitecture: " + here().arch + "\n"
	if string(fields) != want {
		t.Errorf("it is %q, %v; want %q", fields, err, want)
	}
	if out, err := exec.Command(tool, "--control", file, filepath.Join(to, "control")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if sum, err := exec.LookPath("md5sum"); err == nil {
		cmd := exec.Command(sum, "--check", "--quiet", filepath.Join(to, "control", "md5sums"))
		cmd.Dir = to
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	}
}

// looksAtBundle unpacks the workshop's bundle, and starts the program by its script.
func looksAtBundle(t *testing.T, dir string) {
	z, err := zip.OpenReader(filepath.Join(dir, "quorumlab-workshop_1.2.3.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	to := t.TempDir()
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(in)
		in.Close()
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(to, f.Name)
		put(t, name, string(b))
		if err := os.Chmod(name, f.Mode().Perm()); err != nil {
			t.Fatal(err)
		}
	}
	top := filepath.Join(to, "quorumlab-workshop-1.2.3")
	page, err := os.ReadFile(filepath.Join(top, "manual", "README.html"))
	if err != nil || !strings.Contains(string(page), `<a href="next.html#here">Next</a>`) {
		t.Errorf("the manual: %v, %s", err, page)
	}
	start, err := os.ReadFile(filepath.Join(top, "START-HERE.txt"))
	if err != nil || !strings.Contains(string(start), "quorumlab 1.2.3 for a workshop\r\n") {
		t.Errorf("where to start: %v, %s", err, start)
	}
	if sh, err := exec.LookPath("sh"); err == nil && here().os != "windows" {
		said, err := exec.Command(sh, filepath.Join(top, "quorumlab"), "completion", "with space").CombinedOutput()
		if string(said) != "# for with space\n" {
			t.Errorf("%s, %v", said, err)
		}
		if err := os.Chmod(filepath.Join(top, "bin", here().String(), "quorumlab"), 0o644); err != nil {
			t.Fatal(err)
		}
		said, err = exec.Command(sh, filepath.Join(top, "quorumlab")).CombinedOutput()
		if err == nil || !strings.Contains(string(said), "Copy this folder to your disk") {
			t.Errorf("a stick that runs no programs: %s, %v", said, err)
		}
	}
}

// What lies in the folder of a release, and is none, stays.
func TestReleaseReplacesReleasesAlone(t *testing.T) {
	r := &release{options: options{out: t.TempDir()}, stamp: stamp{Version: "1"}}
	mine := filepath.Join(r.out, "1", "mine")
	put(t, mine, "x")
	if err := r.open(t.Context()); err == nil || !strings.Contains(err.Error(), "no release made it") {
		t.Error(err)
	}
	if _, err := os.Stat(mine); err != nil {
		t.Error(err)
	}
}

// A part without a licence, or with one that asks for more, stops a release.
func TestLicensesAreLookedAt(t *testing.T) {
	for _, tt := range []struct {
		name  string
		texts map[string]string
		want  string
	}{
		{"none", nil, "no licence that is known"},
		{"own words", map[string]string{"LICENSE": "Ask me first."}, "no licence that is known"},
		{"a notice alone", map[string]string{"NOTICE": mit}, "no licence that is known"},
		{"good", map[string]string{"LICENSE": mit}, ""},
		{"another one for a folder", map[string]string{"LICENSE": mit, "third/COPYING": copyleft}, "GPL-3.0"},
	} {
		p := &part{path: "example.org/x", version: "v1", texts: tt.texts}
		err := p.classify()
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v; want %q", tt.name, err, tt.want)
		}
	}
}

// What the programs are made of may be passed on.
func TestLicensesOfThePrograms(t *testing.T) {
	if testing.Short() {
		t.Skip("it lists packages, and has no goroutines")
	}
	all, err := programs("../..")
	if err != nil || len(all) != 2 {
		t.Fatal(all, err)
	}
	for _, p := range all {
		list, err := partsOf(t.Context(), "../..", p, []target{here()})
		if err != nil {
			t.Errorf("%s: %v", p.name, err)
		}
		for _, m := range list {
			if m.path == "go.etcd.io/raft/v3" && !slices.Equal(m.licenses, []string{"Apache-2.0"}) {
				t.Errorf("raft is under %v", m.licenses)
			}
		}
		if len(list) < 20 {
			t.Errorf("%s has %d parts", p.name, len(list))
		}
	}
}

const copyleft = `This program is free software: you can redistribute it and/or modify it under the terms of the GNU
General Public License as published by the Free Software Foundation, either version 3 of the License, or (at your
option) any later version.

This program is distributed in the hope that it will be useful, but WITHOUT ANY WARRANTY; without even the implied
warranty of MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE. See the GNU General Public License for more details.

You should have received a copy of the GNU General Public License along with this program. If not, see
<https://www.gnu.org/licenses/>.
`

const mit = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`

func TestTargets(t *testing.T) {
	for _, bad := range []string{"", "linux", "plan9/amd64", "linux/386", "linux/amd64/v2", "darwin/"} {
		if got, err := parseTarget(bad); err == nil {
			t.Errorf("%q is %v", bad, got)
		}
	}
	if got, err := parseTarget("windows/arm64"); err != nil || got.file("x") != "x.exe" {
		t.Error(got, err)
	}
}

func TestReleaseDate(t *testing.T) {
	for said, want := range map[string]time.Time{
		"1700000000": time.Date(2023, 11, 14, 22, 13, 20, 0, time.UTC),
		"0":          time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC), // no zip file tells an earlier one
	} {
		t.Setenv("SOURCE_DATE_EPOCH", said)
		if got, err := releaseDate(t.Context(), "."); err != nil || !got.Equal(want) {
			t.Errorf("%s: %v, %v", said, got, err)
		}
	}
	t.Setenv("SOURCE_DATE_EPOCH", "yesterday")
	if _, err := releaseDate(t.Context(), "."); err == nil {
		t.Error("yesterday is no number")
	}
}

var relative = regexp.MustCompile(`(?:href|src)="([^":#]+)(?:#[^"]*)?"`)

// Every link of the manual's pages leads to something in the bundle.
func TestManualLeadsNowhereElse(t *testing.T) {
	pages, err := pagesOf("../..")
	if err != nil {
		t.Fatal(err)
	}
	bundled := []string{"LICENSE", "README.md", "CHANGELOG.md"}
	for _, p := range pages {
		bundled = append(bundled, p.name)
	}
	links := 0
	for _, p := range pages {
		for _, m := range relative.FindAllStringSubmatch(string(p.content), -1) {
			links++
			to := filepath.ToSlash(filepath.Join(filepath.Dir(p.name), m[1]))
			if !slices.Contains(bundled, to) && !strings.HasPrefix(to+"/", "scenarios/") {
				t.Errorf("%s leads to %s, which is not in the bundle", p.name, to)
			}
		}
	}
	if len(pages) < 20 || links < 50 {
		t.Errorf("%d pages with %d links", len(pages), links)
	}
}
