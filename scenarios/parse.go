package scenarios

import (
	"cmp"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"quorumlab/internal/text"
	"quorumlab/sim"
	"quorumlab/sim/check"
)

// Parse reads a scenario file. name is the file's, for the errors; if it ends in
// .yaml, the scenario has the same name. An error is an [*Error].
func Parse(name string, source []byte) (*sim.Scenario, error) { return ParseWith(name, source, nil) }

// ParseWith reads a scenario file after applying the settings sets, like
// "cluster.members=3" or "steps[0].at=7s", one after the other.
func ParseWith(name string, source []byte, sets []string) (*sim.Scenario, error) {
	s, _, err := parse(name, source, sets)
	return s, err
}

// ParseSweep reads a scenario file as ParseWith does, together with its sweep.
// Whether the settings of the points fit shows only when they are read.
func ParseSweep(name string, source []byte, sets []string) (*sim.Scenario, *sim.Sweep, error) {
	s, f, err := parse(name, source, sets)
	if err != nil {
		return nil, nil, err
	}
	return s, f.Sweep.spec(f), nil
}

func parse(name string, source []byte, sets []string) (*sim.Scenario, *file, error) {
	source = withoutMark(source)
	src := newSource(name, string(source))
	root, problems := readTree(src, string(source))
	if len(problems) == 0 {
		for _, s := range sets {
			problems = append(problems, root.set(s)...)
		}
	}
	if len(problems) > 0 {
		return nil, nil, report(src, problems)
	}
	d := decoder{root: reflect.TypeFor[file](), whole: whole}
	f := &file{}
	f.setDefaults()
	d.into(f, root, whole)
	d.name(f, root, name)
	if len(d.problems) > 0 {
		return nil, nil, report(src, d.problems)
	}
	s := f.scenario()
	d.sweep(f, root)
	d.lasting(f, root)
	for _, p := range s.Validate() {
		d.bad(root.find(p.Path, p.Offset), "%w", p.Err)
	}
	if m := check.MeasureNamed(s.Until); s.Until != "" && (m == nil || m.Meter == nil) {
		d.bad(root.find("until", 0), "%q can't end a run%s", s.Until, text.DidYouMeanOr(s.Until,
			check.Metered(), "measures that can are "+strings.Join(check.Metered(), ", ")))
	}
	if !moduleHash.MatchString(s.Module) {
		d.bad(root.find("module", 0), "%q is no module: write its hash, sha256: and 64 hexadecimal digits, which quorumlab "+
			"version --json shows, or any", s.Module)
	}
	if len(d.problems) > 0 {
		return nil, nil, report(src, d.problems)
	}
	return s, f, nil
}

// moduleHash is what the field module may hold.
var moduleHash = regexp.MustCompile("^(any|sha256:[0-9a-f]{64})?$")

// lasting finds faults that are to end when they begin. Without a time a fault lasts, so 0 would be taken for that.
func (d *decoder) lasting(f *file, root *node) {
	for i, s := range f.Steps {
		given := root.field("steps").value.items[i].field("for")
		if s.For == 0 && given != nil && given.value.kind == scalar {
			d.bad(given.value.place, "a fault must last longer than 0; without \"for\" it lasts until something ends it")
		}
	}
}

// name gives the scenario its file's name, and requires the two to be equal.
func (d *decoder) name(f *file, root *node, path string) {
	stem, isFile := strings.CutSuffix(filepath.Base(path), ".yaml")
	if !isFile {
		return
	}
	if f.Name == "" {
		f.Name = stem
	}
	if f.Name != stem {
		d.bad(root.find("name", 0), "the name is %q, but the file's is %q; they must be the same", f.Name, stem)
	}
}

// report sorts problems as they stand in the file; those of the overrides come
// last.
func report(src *source, ps []PlacedProblem) *Error {
	slices.SortStableFunc(ps, func(a, b PlacedProblem) int {
		if a.Source != b.Source {
			return cmp.Compare(strconv.FormatBool(a.Source != src.name), strconv.FormatBool(b.Source != src.name))
		}
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return &Error{ps}
}

// find is the place of a setting by its path, or of the nearest thing around it
// that is written. offset is into the setting's text form, which may be spaced
// differently in the file.
func (n *node) find(path string, offset int) place {
	at := n.place
	for _, step := range splitPath(path) {
		next, place := n.child(step)
		if next == nil {
			return at
		}
		n, at = next, place
	}
	if n.kind != scalar {
		return at
	}
	return n.locate(spaced(n.text, offset))
}

// child is a part of a node and where it begins.
func (n *node) child(s pathStep) (*node, place) {
	if s.name == "" {
		if s.index >= len(n.items) {
			return nil, place{}
		}
		return n.items[s.index], n.items[s.index].place
	}
	f := n.field(s.name)
	if f == nil {
		return nil, place{}
	}
	return f.value, f.place
}

// spaced is where the byte at offset of a text with single spaces between its words
// stands in the same text with any spaces.
func spaced(s string, offset int) int {
	i := 0
	for i < len(s) {
		space := len(s[i:]) - len(strings.TrimLeft(s[i:], " \t\n"))
		i += space
		end := strings.IndexAny(s[i:], " \t\n")
		if end < 0 || offset <= end {
			return min(i+offset, len(s))
		}
		i += end
		offset -= end + 1
	}
	return 0
}
