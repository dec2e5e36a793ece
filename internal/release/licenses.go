package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// part is a module that went into a program, with what its authors ask of those who pass it on.
type part struct {
	path, version string
	licenses      []string // SPDX identifiers
	texts         map[string]string
}

// accepted are the licences under which the programs may be passed on in binary form with no more than the texts. A
// part under another one stops the release until somebody has looked.
var accepted = []string{"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC-BY-4.0", "CC0-1.0", "FTL",
	"ISC", "MIT", "MIT-0", "MPL-2.0", "OFL-1.1", "Unlicense", "Zlib"}

// chosen are the texts of modules that offer several licences, by the module's path: the one that is taken. The name is
// SPDX's, for a text that is not recognized.
var chosen = map[string]struct{ file, license string }{
	"github.com/golang/freetype": {"licenses/ftl.txt", "FTL"}, // instead of the GPL
}

// goPackage is what `go list` says of a package.
type goPackage struct {
	ImportPath, Dir string
	Standard        bool
	Module          *struct {
		Path, Version, Dir string
		Main               bool
		Replace            *struct{ Path, Version, Dir string }
	}
}

// partsOf lists the modules of which a program has packages on any of the targets, by path. The error names every part
// without a licence, or with one that is not accepted.
func partsOf(ctx context.Context, tree string, p program, targets []target) ([]*part, error) {
	found := map[string]*part{}
	var systems []string
	for _, t := range targets { // the processor makes no difference in modules, only in files
		if slices.Contains(systems, t.os) {
			continue
		}
		systems = append(systems, t.os)
		packages, err := listed(ctx, tree, p, t)
		if err != nil {
			return nil, err
		}
		for _, pkg := range packages {
			if err := addPart(found, pkg); err != nil {
				return nil, err
			}
		}
	}
	std, err := standardLibrary(ctx)
	if err != nil {
		return nil, err
	}
	found[std.path] = std
	list := slices.SortedFunc(maps.Values(found), func(a, b *part) int { return cmp.Compare(a.path, b.path) })
	var errs []error
	for _, m := range list {
		errs = append(errs, m.classify())
	}
	return list, errors.Join(errs...)
}

func listed(ctx context.Context, tree string, p program, t target) (list []goPackage, err error) {
	out, err := output(ctx, filepath.Join(tree, p.module), t.env(), "go", "list", "-deps",
		"-json=ImportPath,Dir,Standard,Module", p.pkg)
	if err != nil {
		return nil, err
	}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var pkg goPackage
		if err := d.Decode(&pkg); errors.Is(err, io.EOF) {
			return list, nil
		} else if err != nil {
			return nil, err
		}
		if !pkg.Standard && pkg.Module != nil && !pkg.Module.Main {
			list = append(list, pkg)
		}
	}
}

// addPart notes a package's module, with the licences between the package and the module's root: what a module has
// copied from others lies in folders with licences of their own.
func addPart(found map[string]*part, pkg goPackage) error {
	m := pkg.Module
	path, version, root := m.Path, m.Version, m.Dir
	if m.Replace != nil {
		path, version, root = m.Replace.Path, m.Replace.Version, m.Replace.Dir
	}
	p := found[path]
	if p == nil {
		p = &part{path: path, version: version, texts: map[string]string{}}
		found[path] = p
		if c, ok := chosen[path]; ok {
			b, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(c.file)))
			if err != nil {
				return err
			}
			p.texts[c.file], p.licenses = string(b), []string{c.license}
		}
	}
	for dir := pkg.Dir; ; dir = filepath.Dir(dir) {
		if err := p.read(root, dir); err != nil {
			return err
		}
		if rel, err := filepath.Rel(root, dir); err != nil || rel == "." || !filepath.IsLocal(rel) {
			return err
		}
	}
}

// legal matches the files that have to go along.
var legal = regexp.MustCompile(`(?i)^(licen[sc]e|copying|copyright|notice|patents|unlicense|ofl)([-._].*)?$`)

// code is what a file of a program may end in that has a legal word for its name.
var code = regexp.MustCompile(`(?i)\.(go|tmpl|tpl|json|ya?ml|header|sh|py)$`)

func (p *part) read(root, dir string) error {
	list, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, d := range list {
		if d.IsDir() || !legal.MatchString(d.Name()) || code.MatchString(d.Name()) {
			continue
		}
		file := filepath.Join(dir, d.Name())
		name, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		b, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		p.texts[filepath.ToSlash(name)] = strings.ReplaceAll(string(b), "\r\n", "\n")
	}
	return nil
}

// standardLibrary is Go's, which is in every program.
func standardLibrary(ctx context.Context) (*part, error) {
	out, err := output(ctx, "", nil, "go", "env", "GOROOT", "GOVERSION")
	if err != nil {
		return nil, err
	}
	root, version, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	p := &part{path: "std", version: strings.TrimSpace(version), texts: map[string]string{}}
	err = p.read(strings.TrimSpace(root), strings.TrimSpace(root))
	return p, err
}

// classify finds the licences by their texts.
func (p *part) classify() error {
	for _, name := range slices.Sorted(maps.Keys(p.texts)) {
		if legalNotice(name) {
			continue
		}
		for _, m := range licensecheck.Scan([]byte(p.texts[name])).Match {
			if !m.IsURL && !slices.Contains(p.licenses, m.ID) {
				p.licenses = append(p.licenses, m.ID)
			}
		}
	}
	slices.Sort(p.licenses)
	if len(p.licenses) == 0 {
		return fmt.Errorf("%s %s: no licence that is known was found in its folder", p.path, p.version)
	}
	for _, l := range p.licenses {
		if !slices.Contains(accepted, l) {
			return fmt.Errorf(
				"%s %s: the licence %s is not among those that are accepted; look at it, and add it if it may be "+
					"passed on",
				p.path,
				p.version,
				l,
			)
		}
	}
	return nil
}

// legalNotice tells a notice or a promise on patents, which comes on top of a licence.
func legalNotice(name string) bool {
	base := strings.ToLower(name[strings.LastIndexByte(name, '/')+1:])
	return strings.HasPrefix(base, "notice") || strings.HasPrefix(base, "patents")
}

// licensesText is the file that goes along with the programs: every part, and every text once.
func licensesText(parts []*part) []byte {
	var b bytes.Buffer
	b.WriteString(
		"The programs contain the following works of others, under the licences named here. The texts follow\n" +
			"below, each once, with the works that it belongs to.\n\n",
	)
	byText := map[string][]string{}
	for _, p := range parts {
		fmt.Fprintf(&b, "  %s %s: %s\n", p.path, p.version, strings.Join(p.licenses, ", "))
		for _, name := range slices.Sorted(maps.Keys(p.texts)) {
			byText[p.texts[name]] = append(byText[p.texts[name]], p.path+" ("+name+")")
		}
	}
	texts := slices.SortedFunc(
		maps.Keys(byText),
		func(x, y string) int { return cmp.Compare(byText[x][0], byText[y][0]) },
	)
	for _, text := range texts {
		fmt.Fprintf(&b, "\n%s\n", strings.Repeat("=", 80))
		for _, of := range byText[text] {
			fmt.Fprintln(&b, of)
		}
		fmt.Fprintf(&b, "%s\n\n%s\n", strings.Repeat("-", 80), strings.TrimSpace(text))
	}
	return b.Bytes()
}

// merged are the parts of several programs, each once.
func merged(lists ...[]*part) []*part {
	all := map[string]*part{}
	for _, list := range lists {
		for _, p := range list {
			all[p.path+"@"+p.version] = p
		}
	}
	return slices.SortedFunc(maps.Values(all), func(a, b *part) int {
		return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.version, b.version))
	})
}
