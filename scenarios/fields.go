package scenarios

import (
	"reflect"
	"strings"
)

// fieldType is a field of a group as the yaml tag describes it:
// `yaml:"name[,omitempty][,flow][,block]"`. One without omitempty is required; flow
// is written on one line, and block is text on lines of its own.
type fieldType struct {
	name                  string
	index                 int
	required, flow, block bool
}

func fieldsOf(t reflect.Type) []fieldType {
	fs := make([]fieldType, t.NumField())
	for i := range fs {
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		fs[i] = fieldType{
			name:     name,
			index:    i,
			required: !strings.Contains(options, "omitempty"),
			flow:     strings.Contains(options, "flow"),
			block:    strings.Contains(options, "block"),
		}
	}
	return fs
}

func fieldNamed(fs []fieldType, name string) *fieldType {
	for i := range fs {
		if fs[i].name == name {
			return &fs[i]
		}
	}
	return nil
}

func namesOf(fs []fieldType) []string {
	names := make([]string, len(fs))
	for i, f := range fs {
		names[i] = f.name
	}
	return names
}

// owner is the group below the type t that has a field of this name, for people who
// put it in the wrong one; empty if there is none.
func owner(t reflect.Type, path, name string) string {
	fs := fieldsOf(t)
	if fieldNamed(fs, name) != nil {
		return path
	}
	for _, f := range fs {
		ft := t.Field(f.index).Type
		if ft.Kind() == reflect.Slice {
			ft = ft.Elem()
		}
		if ft.Kind() == reflect.Struct && ft.NumField() > 0 && ft.Field(0).Tag.Get("yaml") != "" {
			if o := owner(ft, join(path, f.name), name); o != "" {
				return o
			}
		}
	}
	return ""
}
