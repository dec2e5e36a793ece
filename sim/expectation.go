package sim

import (
	"fmt"
	"slices"
	"strings"
)

// Expectation is what a scenario says will be true of its run: a check's name, "not"
// and a check's name, or MEASURE[FROM..TO] OP VALUE, the window being optional.
type Expectation struct {
	Check   string // the check, when there is no measure
	Broken  bool   // the check must find something: the scenario breaks it on purpose
	Measure string
	Window  Window
	Op      string // == != < <= > >=
	Value   float64
}

var ops = []string{"==", "!=", "<=", ">=", "<", ">"}

// ParseExpectation reads an expectation. Its errors are SyntaxErrors.
func ParseExpectation(s string) (Expectation, error) {
	text := strings.TrimSpace(s)
	lead := strings.Index(s, text)
	place := strings.IndexAny(text, "=!<>")
	if place < 0 {
		name, broken := text, false
		if ws := words(text); len(ws) == 2 && ws[0].text == "not" {
			name, broken, lead = ws[1].text, true, lead+ws[1].offset
		}
		e, err := parseCheckName(name)
		e.Broken = broken && err == nil
		return e, at(lead, err)
	}
	op := ""
	for _, o := range ops {
		if strings.HasPrefix(text[place:], o) {
			op = o
			break
		}
	}
	if op == "" {
		return Expectation{}, at(lead+place, fmt.Errorf("%q is not a comparison (they are %s)", text[place:place+1], strings.Join(ops, " ")))
	}
	e := Expectation{Op: op}
	left := strings.TrimSpace(text[:place])
	name, window, ok := strings.Cut(left, "[")
	e.Measure = strings.TrimSpace(name)
	m := MeasureNamed(e.Measure)
	if m == nil {
		return Expectation{}, at(lead, fmt.Errorf("unknown figure %q%s; figures are %s",
			e.Measure, DidYouMean(e.Measure, measureNames()), strings.Join(MeasureFamilies(), ", ")))
	}
	if ok {
		w, err := parseWindow(window)
		if err != nil {
			return Expectation{}, at(lead+len(name)+1, err)
		}
		e.Window = w
	}
	right := text[place+len(op):]
	value := strings.TrimSpace(right)
	v, err := m.Unit.ParseValue(value)
	if err != nil {
		return Expectation{}, at(lead+place+len(op)+len(right)-len(strings.TrimLeft(right, " \t")), fmt.Errorf("%w (%s is %s)", err, m.Name, m.Unit.describe()))
	}
	e.Value = v
	return e, nil
}

func (u Unit) describe() string {
	return map[Unit]string{Count: "a count", Millis: "a time", Shares: "a share", PerSecond: "a rate", Bytes: "a size"}[u]
}

func measureNames() (ns []string) {
	for _, m := range Measures() {
		ns = append(ns, m.Name)
	}
	return ns
}

func parseCheckName(s string) (Expectation, error) {
	if CheckNamed(s) != nil {
		return Expectation{Check: s}, nil
	}
	if MeasureNamed(s) != nil {
		return Expectation{}, fmt.Errorf("the figure %q needs a comparison, like %q", s, s+" == 0")
	}
	var names []string
	for _, c := range Checks() {
		names = append(names, c.Name)
	}
	return Expectation{}, fmt.Errorf("unknown check %q%s; checks are %s, and a comparison is FIGURE[FROM..TO] OP VALUE",
		s, DidYouMean(s, slices.Concat(names, measureNames())), strings.Join(names, ", "))
}

func parseWindow(s string) (Window, error) {
	inner, ok := strings.CutSuffix(s, "]")
	from, to, ok2 := strings.Cut(inner, "..")
	if !ok || !ok2 {
		return Window{}, fmt.Errorf(`a window is written like "[20s..30s]" or "[20s..]"`)
	}
	var w Window
	var err error
	if from != "" {
		if w.From, err = ParseDuration(from); err != nil {
			return Window{}, err
		}
	}
	if to != "" {
		if w.To, err = ParseDuration(to); err != nil {
			return Window{}, err
		}
		if w.To <= w.From {
			return Window{}, fmt.Errorf("the window %q ends before it begins", "["+s)
		}
	}
	return w, nil
}

// String is the window's text form, empty for the whole run.
func (w Window) String() string {
	if w == (Window{}) {
		return ""
	}
	to := ""
	if w.To > 0 {
		to = FormatDuration(w.To)
	}
	return "[" + FormatDuration(w.From) + ".." + to + "]"
}

// String is the text form.
func (e Expectation) String() string {
	if e.Broken {
		return "not " + e.Check
	}
	if e.Measure == "" {
		return e.Check
	}
	unit := Count
	if m := MeasureNamed(e.Measure); m != nil {
		unit = m.Unit
	}
	return e.Measure + e.Window.String() + " " + e.Op + " " + unit.exact(e.Value)
}

// MarshalText writes the text form.
func (e Expectation) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// UnmarshalText reads the text form.
func (e *Expectation) UnmarshalText(b []byte) (err error) {
	*e, err = ParseExpectation(string(b))
	return err
}

// Holds compares a measured value with the expected one.
func (e Expectation) Holds(v float64) bool {
	switch e.Op {
	case "==":
		return v == e.Value
	case "!=":
		return v != e.Value
	case "<":
		return v < e.Value
	case "<=":
		return v <= e.Value
	case ">":
		return v > e.Value
	case ">=":
		return v >= e.Value
	}
	return false
}
