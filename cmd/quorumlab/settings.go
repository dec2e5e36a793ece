package main

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"

	"quorumlab/scenarios"
)

// setting is a field of a scenario's file.
type setting struct {
	path     string // like cluster.disk.fsync; [] follows a list, each entry of which has the field
	shape    string // what it takes, like "a time"
	about    string
	fallback string // its default, or empty
	engine   string // the only one that has it, or empty
	single   bool   // it may be set by --set as is
}

// settings lists the fields in the file's order, from the schema that editors use.
func settings() []setting {
	var root yaml.MapSlice // JSON is YAML, and this keeps the order
	if err := yaml.UnmarshalWithOptions(scenarios.Schema(), &root, yaml.UseOrderedMap()); err != nil {
		panic(fmt.Sprintf("can't read the schema: %v", err))
	}
	s := schema{defs: groupAt(root, "$defs")}
	s.group("", root)
	return s.found
}

// schema is a walk through a JSON Schema.
type schema struct {
	defs  yaml.MapSlice
	found []setting
}

// group adds the fields of a group below a path.
func (s *schema) group(path string, group yaml.MapSlice) {
	for _, field := range groupAt(group, "properties") {
		name, spec := field.Key.(string), asMap(field.Value)
		s.field(strings.TrimPrefix(path+"."+name, "."), spec)
	}
}

func (s *schema) field(path string, spec yaml.MapSlice) {
	about := textAt(spec, "description")
	target := s.resolve(spec)
	if items := groupAt(target, "items"); items != nil {
		target = s.resolve(items)
		path += "[]"
	}
	if groupAt(target, "properties") != nil {
		s.add(setting{path: path, shape: "a group", about: about})
		s.group(path, target)
		return
	}
	shape, list := s.shape(target)
	s.add(setting{path: path, shape: shape, about: about, single: !strings.Contains(path, "[]")})
	if list != nil { // like the members: a number, or a list of groups
		s.group(path+"[]", list)
	}
}

// add takes a setting, and what its text says of defaults and engines into fields of their own.
func (s *schema) add(one setting) {
	if m := onlyOn.FindStringSubmatch(one.about); m != nil {
		one.engine = strings.ToLower(m[1])
		one.about = strings.Replace(one.about, m[0], "", 1)
	}
	if m := defaultIs.FindStringSubmatch(one.about); m != nil {
		one.fallback = m[1]
		one.about = strings.Replace(one.about, m[0], "", 1)
	}
	one.about = strings.TrimSpace(one.about)
	s.found = append(s.found, one)
}

var (
	onlyOn    = regexp.MustCompile(` ?\b(Etcd|Sim) only\.`)
	defaultIs = regexp.MustCompile(` ?Default: (.+?)\.(?: |$)`)
)

// shape says in words what a value looks like, and which groups it may be a list of.
func (s *schema) shape(spec yaml.MapSlice) (words string, list yaml.MapSlice) {
	if choices, ok := valueAt(spec, "oneOf").([]any); ok {
		var all []string
		for _, c := range choices {
			one := s.resolve(asMap(c))
			if items := groupAt(one, "items"); items != nil {
				list = s.resolve(items)
				all = append(all, "a list")
				continue
			}
			if w, _ := s.shape(one); w != "" && groupAt(one, "properties") == nil {
				all = append(all, w)
			}
		}
		return strings.Join(all, ", or "), list
	}
	if enum, ok := valueAt(spec, "enum").([]any); ok {
		var words []string
		for _, w := range enum {
			words = append(words, fmt.Sprint(w))
		}
		return strings.Join(words, ", "), nil
	}
	if d := textAt(spec, "description"); d != "" && valueAt(spec, "pattern") != nil {
		first, _, _ := strings.Cut(d, "\n")
		switch {
		case strings.HasPrefix(first, "MEMBERS are"):
			return "a statement", nil
		case strings.HasPrefix(first, "members:"):
			return "members", nil
		}
		return strings.TrimSuffix(first, "."), nil
	}
	types := map[string]string{"string": "text", "integer": "a number", "boolean": "true or false"}
	return types[textAt(spec, "type")], nil
}

// resolve follows a reference.
func (s *schema) resolve(spec yaml.MapSlice) yaml.MapSlice {
	name, ok := strings.CutPrefix(textAt(spec, "$ref"), "#/$defs/")
	if !ok {
		return spec
	}
	return groupAt(s.defs, name)
}

func valueAt(m yaml.MapSlice, key string) any {
	for _, item := range m {
		if item.Key == key {
			return item.Value
		}
	}
	return nil
}

func asMap(v any) yaml.MapSlice {
	m, _ := v.(yaml.MapSlice)
	return m
}

func groupAt(m yaml.MapSlice, key string) yaml.MapSlice { return asMap(valueAt(m, key)) }

func textAt(m yaml.MapSlice, key string) string {
	s, _ := valueAt(m, key).(string)
	return s
}
