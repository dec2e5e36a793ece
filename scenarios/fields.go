package scenarios

import (
	"reflect"
	"strings"
)

// fieldType is a field of a group as the yaml tag describes it:
// `yaml:"name[,omitempty][,flow][,block]"`. One without omitempty is required; flow
// is written on one line, and block is text on lines of its own. Those of a type that is
// tagged `yaml:",inline"` are fields of the group that it stands in.
type fieldType struct {
	name                  string
	index                 []int // for [reflect.Value.FieldByIndex]
	required, flow, block bool
}

func fieldsOf(t reflect.Type) []fieldType {
	fs := make([]fieldType, 0, t.NumField())
	for i := range t.NumField() {
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		if options == "inline" {
			for _, f := range fieldsOf(t.Field(i).Type) {
				f.index = append([]int{i}, f.index...)
				fs = append(fs, f)
			}
			continue
		}
		fs = append(fs, fieldType{
			name:     name,
			index:    []int{i},
			required: !strings.Contains(options, "omitempty"),
			flow:     strings.Contains(options, "flow"),
			block:    strings.Contains(options, "block"),
		})
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
		ft := t.FieldByIndex(f.index).Type
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
