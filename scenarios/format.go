package scenarios

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"quorumlab/sim"
)

// Format writes a scenario as a file: Parse(Format(s)) equals s for every s that
// Parse returns. What is default is left out, and equal scenarios give equal bytes.
func Format(s *sim.Scenario) []byte {
	var f writer
	f.group(reflect.ValueOf(fileOf(s)).Elem(), 0)
	return []byte(f.String())
}

// shortForm is a value that is written as another, shorter one.
type shortForm interface{ short() any }

// writer writes the file's types. Groups are blocks, one field a line, but those
// with the flow option and the items of lists are on one line.
type writer struct{ strings.Builder }

// group writes the fields that differ from their defaults.
func (w *writer) group(v reflect.Value, depth int) {
	for _, f := range changed(v) {
		fv := shortened(v.FieldByIndex(f.index))
		w.WriteString(strings.Repeat("  ", depth) + f.name + ":")
		switch {
		case fv.Kind() == reflect.Struct && !f.flow && !isText(fv) && len(changed(fv)) > 0:
			w.WriteByte('\n')
			w.group(fv, depth+1)
		case fv.Kind() == reflect.Slice && !f.flow && !isText(fv) && fv.Len() > 0:
			w.WriteByte('\n')
			w.list(fv, depth+1)
		case f.block && canBlock(fv.String()):
			w.WriteString(" |\n")
			w.block(fv.String(), depth+1)
		default:
			w.WriteString(" " + inline(fv, f.flow) + "\n")
		}
	}
}

func (w *writer) list(v reflect.Value, depth int) {
	for i := range v.Len() {
		w.WriteString(strings.Repeat("  ", depth) + "- " + inline(shortened(v.Index(i)), false) + "\n")
	}
}

func (w *writer) block(text string, depth int) {
	for line := range strings.Lines(text + "\n") {
		if line != "\n" {
			w.WriteString(strings.Repeat("  ", depth))
		}
		w.WriteString(line)
	}
}

// changed are the fields of a group that differ from their defaults.
func changed(v reflect.Value) []fieldType {
	defaults := reflect.New(v.Type())
	setDefaults(defaults.Interface())
	return slices.DeleteFunc(fieldsOf(v.Type()), func(f fieldType) bool {
		is, usual := v.FieldByIndex(f.index), defaults.Elem().FieldByIndex(f.index)
		return !f.required && reflect.DeepEqual(is.Interface(), usual.Interface())
	})
}

func shortened(v reflect.Value) reflect.Value {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch s := v.Interface().(type) {
	case shortForm:
		return reflect.ValueOf(s.short())
	case time.Duration:
		return reflect.ValueOf(duration(s))
	}
	return v
}

func isText(v reflect.Value) bool {
	_, ok := v.Interface().(encoding.TextMarshaler)
	return ok
}

// inline is a value on one line; flow says whether it stands between brackets.
func inline(v reflect.Value, flow bool) string {
	if t, ok := v.Interface().(encoding.TextMarshaler); ok {
		text, err := t.MarshalText()
		if err != nil {
			panic(err) // none of ours fails
		}
		return quote(string(text), flow)
	}
	switch v.Kind() {
	case reflect.String:
		return quote(v.String(), flow)
	case reflect.Struct:
		var parts []string
		for _, f := range changed(v) {
			parts = append(parts, f.name+": "+inline(shortened(v.FieldByIndex(f.index)), true))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case reflect.Slice:
		parts := make([]string, v.Len())
		for i := range parts {
			parts[i] = inline(shortened(v.Index(i)), true)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return fmt.Sprint(v.Interface())
}
