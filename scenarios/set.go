package scenarios

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// pathStep is one step into a tree: a field's name or the number of a list's item.
type pathStep struct {
	name   string
	index  int
	column int // where it stands in the path, from 0
}

func (s pathStep) String() string {
	if s.name == "" {
		return "[" + strconv.Itoa(s.index) + "]"
	}
	return "." + s.name
}

var (
	stepPattern = regexp.MustCompile(`[^.\[\]]+|\[[0-9]{1,6}\]`)
	pathPattern = regexp.MustCompile(`^[^.\[\]\s]+(\.[^.\[\]\s]+|\[[0-9]{1,6}\])*$`)
)

// splitPath takes a path like "steps[2].do" apart. It must fit pathPattern.
func splitPath(path string) []pathStep {
	var steps []pathStep
	for _, at := range stepPattern.FindAllStringIndex(path, -1) {
		s := pathStep{name: path[at[0]:at[1]], column: at[0]}
		if number, ok := strings.CutPrefix(s.name, "["); ok {
			s.index, _ = strconv.Atoi(strings.TrimSuffix(number, "]")) // digits, by the pattern
			s.name = ""
			s.column++
		}
		steps = append(steps, s)
	}
	return steps
}

// set puts an override of the form PATH=VALUE into the tree of a file. The value is
// YAML; an empty one removes the setting, so that its default applies.
func (n *node) set(override string) []PlacedProblem {
	return n.setAs("--set "+override, override, whole)
}

// setAs is set for the file named by whole; origin names the override in messages.
func (n *node) setAs(origin, override, whole string) []PlacedProblem {
	src := newSource(origin, override)
	src.flat = true
	start := place{src, 1, 1}
	path, value, ok := strings.Cut(override, "=")
	if !ok || !pathPattern.MatchString(path) {
		return []PlacedProblem{start.problem(`a setting is written PATH=VALUE, like "cluster.members=3" or "steps[0].at=7s"`)}
	}
	// Blanks in front keep the columns.
	parsed, problems := readTree(src, strings.Repeat(" ", len([]rune(path))+1)+value)
	if len(problems) > 0 {
		return problems
	}
	if p := n.put(splitPath(path), parsed, start, whole); p != nil {
		return []PlacedProblem{*p}
	}
	return nil
}

// put replaces what stands at the steps below the node. Groups on the way that are
// not written are created. All on the way have their place in the override from
// then on: what contradicts a default there was most likely caused by the override.
func (n *node) put(steps []pathStep, value *node, start place, path string) *PlacedProblem {
	if len(steps) == 0 {
		*n = *value
		return nil
	}
	s := steps[0]
	at := start
	at.column += s.column
	if s.name == "" {
		if n.kind != sequence {
			return n.misfit(at, path, "item "+s.String())
		}
		if s.index >= len(n.items) {
			p := at.problem("%s has %s", path, counted(len(n.items)))
			return &p
		}
		return n.items[s.index].put(steps[1:], value, start, path+s.String())
	}
	if n.kind == empty {
		*n = node{place: at, kind: mapping}
	}
	if n.kind != mapping {
		return n.misfit(at, path, strconv.Quote(s.name))
	}
	f := n.field(s.name)
	if f == nil {
		n.fields = append(n.fields, field{name: s.name, value: &node{}})
		f = &n.fields[len(n.fields)-1]
	}
	f.place = at
	return f.value.put(steps[1:], value, start, join(path, s.name))
}

func (n *node) misfit(at place, path, what string) *PlacedProblem {
	p := at.problem("%s is %s here and has no %s; set it as a whole", path, n.kind, what)
	return &p
}

func counted(items int) string {
	switch items {
	case 0:
		return "no items"
	case 1:
		return "one item, [0]"
	}
	return fmt.Sprintf("%d items, [0] to [%d]", items, items-1)
}
