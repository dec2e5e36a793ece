package scenarios

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"quorumlab/internal/text"
	"quorumlab/sim"
)

// decoder fills the file's types from a tree. It continues after a problem, so that
// all of them are found at once. What the tree does not mention keeps its value,
// and what it does mention applies even if it is zero.
type decoder struct {
	problems []PlacedProblem
	root     reflect.Type // of the whole file, for hints about fields in the wrong group
	whole    string       // the path of the whole file
}

func (d *decoder) bad(at place, format string, args ...any) {
	d.problems = append(d.problems, at.problem(format, args...))
}

// defaulter is a group of fields whose defaults are not all zero.
type defaulter interface{ setDefaults() }

// publicDefaulter is the same for types of other packages.
type publicDefaulter interface{ SetDefaults() }

// setDefaults gives a group its defaults, if they are not zeros.
func setDefaults(group any) {
	switch t := group.(type) {
	case defaulter:
		t.setDefaults()
	case publicDefaulter:
		t.SetDefaults()
	}
}

// customDecoder is a value that takes several shapes.
type customDecoder interface {
	decode(d *decoder, n *node, path string)
}

// into fills what target points to. path is the node's place in the file, for
// messages.
func (d *decoder) into(target any, n *node, path string) {
	d.value(reflect.ValueOf(target).Elem(), n, path)
}

func (d *decoder) value(v reflect.Value, n *node, path string) {
	switch t := v.Addr().Interface().(type) {
	case customDecoder:
		t.decode(d, n, path)
		return
	case *sim.Distribution:
		(*distribution)(t).decode(d, n, path)
		return
	case *time.Duration:
		decodeText(d, n, path, (*duration)(t), "one value")
		return
	case encoding.TextUnmarshaler:
		decodeText(d, n, path, t, "one value")
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.value(v.Elem(), n, path)
	case reflect.Struct:
		d.group(v, n, path)
	case reflect.Slice:
		d.list(v, n, path)
	default:
		d.scalar(v, n, path)
	}
}

func (d *decoder) is(k kind, n *node, path, what string) bool {
	if n.kind != k {
		d.bad(n.place, "%s must be %s, not %s", path, what, n.kind)
	}
	return n.kind == k
}

func decodeText(d *decoder, n *node, path string, t encoding.TextUnmarshaler, what string) {
	if !d.is(scalar, n, path, what) {
		return
	}
	if err := t.UnmarshalText([]byte(n.text)); err != nil {
		offset := 0
		var syntax *sim.SyntaxError
		if errors.As(err, &syntax) {
			offset = syntax.Offset
		}
		d.bad(n.locate(offset), "%w", err)
	}
}

func (d *decoder) list(v reflect.Value, n *node, path string) {
	if !d.is(sequence, n, path, "a list") {
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.items), len(n.items)))
	for i, item := range n.items {
		at := fmt.Sprintf("%s[%d]", path, i)
		if item.kind == empty {
			d.bad(item.place, "%s is empty", at)
			continue
		}
		d.value(v.Index(i), item, at)
	}
}

func (d *decoder) group(v reflect.Value, n *node, path string) {
	fields := fieldsOf(v.Type())
	if n.kind == empty {
		n = &node{place: n.place, kind: mapping} // an empty file: say what it lacks
	}
	if !d.is(mapping, n, path, "a group with the fields "+strings.Join(namesOf(fields), ", ")) {
		return
	}
	v.SetZero()
	setDefaults(v.Addr().Interface())
	for _, f := range fields {
		switch got := n.field(f.name); {
		case got != nil && got.value.kind != empty:
			d.value(v.FieldByIndex(f.index), got.value, join(path, f.name))
		case f.required:
			d.bad(n.place, "%s has no %q", path, f.name)
		}
	}
	for _, got := range n.fields {
		if fieldNamed(fields, got.name) == nil {
			d.unknownField(got, fields, path)
		}
	}
}

// renamedFields are settings that had another name in earlier versions, by their old paths.
var renamedFields = map[string]string{"sweep.figures": "measures"}

func (d *decoder) unknownField(f field, fields []fieldType, path string) {
	names := namesOf(fields)
	hint := text.DidYouMean(f.name, names)
	if now := renamedFields[join(path, f.name)]; now != "" {
		hint = fmt.Sprintf(" (did you mean %q? It has this name now)", now)
	}
	if hint == "" {
		if owner := owner(d.root, d.whole, f.name); owner != "" {
			hint = " (it is a field of " + owner + ")"
		}
	}
	if hint == "" {
		hint = fmt.Sprintf("; the fields of %s are %s", path, strings.Join(names, ", "))
	}
	d.bad(f.place, "unknown field %q%s", f.name, hint)
}

func (d *decoder) scalar(v reflect.Value, n *node, path string) {
	what := map[reflect.Kind]string{reflect.String: "text", reflect.Bool: "true or false"}[v.Kind()]
	if what == "" {
		what = "a whole number"
	}
	if !d.is(scalar, n, path, what) {
		return
	}
	if v.Kind() == reflect.String {
		v.SetString(n.text)
		return
	}
	err := setPlain(v, n.text)
	switch {
	case n.style == plain && errors.Is(err, strconv.ErrRange):
		d.bad(n.place, "%s: %s is out of range: it has at most %d bits", path, n.text, bits(v))
	case err != nil || n.style != plain:
		d.bad(n.place, "%s must be %s, not %s", path, what, n.written())
	}
}

// written is a scalar as people see it in the file.
func (n *node) written() string {
	if n.style == plain {
		return strconv.Quote(n.text)
	}
	return "the text " + strconv.Quote(n.text)
}

func setPlain(v reflect.Value, s string) error {
	switch v.Kind() {
	case reflect.Bool:
		if s != "true" && s != "false" {
			return strconv.ErrSyntax
		}
		v.SetBool(s == "true")
	case reflect.Uint64:
		x, err := strconv.ParseUint(s, 10, 64)
		v.SetUint(x)
		return err
	default:
		x, err := strconv.ParseInt(s, 10, bits(v))
		v.SetInt(x)
		return err
	}
	return nil
}

// bits is how large a whole number may be. Only who asks for 64 bits gets more than 32: counts of that
// size are mistakes.
func bits(v reflect.Value) int {
	if k := v.Kind(); k == reflect.Int64 || k == reflect.Uint64 {
		return 64
	}
	return 32
}

// join is the path of a field. A file as a whole has a path of two words, "a scenario".
func join(path, name string) string {
	if strings.Contains(path, " ") {
		return name
	}
	return path + "." + name
}

const whole = "a scenario"
