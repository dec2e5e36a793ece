package sim

import (
	"fmt"
	"slices"
	"strings"

	"quorumlab/internal/text"
)

var ops = []string{"==", "!=", "<=", ">=", "<", ">"}

// ParseExpectation reads an expectation: a check's name, "not" and a check's name, or a
// comparison of a measure. Its errors are SyntaxErrors.
func ParseExpectation(s string) (Expectation, error) {
	trimmed := strings.TrimSpace(s)
	e, err := parseTrimmed(trimmed)
	return e, At(strings.Index(s, trimmed), err)
}

func parseTrimmed(s string) (Expectation, error) {
	place := strings.IndexAny(s, "=!<>")
	if place < 0 {
		return parseJudged(s)
	}
	op := ""
	for _, o := range ops {
		if strings.HasPrefix(s[place:], o) {
			op = o
			break
		}
	}
	if op == "" {
		return Expectation{}, At(place, fmt.Errorf("%q is not a comparison (they are %s)", s[place:place+1], strings.Join(ops, " ")))
	}
	m, w, err := parseMeasured(strings.TrimSpace(s[:place]), MeasureFamilies())
	if err != nil {
		return Expectation{}, err
	}
	right := s[place+len(op):]
	v, err := m.Unit.ParseValue(strings.TrimSpace(right))
	if err != nil {
		blanks := len(right) - len(strings.TrimLeft(right, " \t"))
		return Expectation{}, At(place+len(op)+blanks, fmt.Errorf("%w (%s is %s)", err, m.Name, describe[m.Unit]))
	}
	return Expectation{Measure: m.Name, Window: w, Op: op, Value: v, In: m.Unit}, nil
}

// parseMeasured reads MEASURE[FROM..TO]. An unknown measure's error lists those given.
func parseMeasured(s string, known []string) (*Measure, Window, error) {
	name, window, windowed := strings.Cut(s, "[")
	m := MeasureNamed(strings.TrimSpace(name))
	if m == nil {
		return nil, Window{}, fmt.Errorf("unknown figure %q%s; figures are %s",
			strings.TrimSpace(name), text.DidYouMean(strings.TrimSpace(name), measureNames()), strings.Join(known, ", "))
	}
	if !windowed {
		return m, Window{}, nil
	}
	w, err := parseWindow(window)
	return m, w, At(len(name)+1, err)
}

// parseJudged reads the name of a check, perhaps behind "not".
func parseJudged(s string) (Expectation, error) {
	ws := text.Words(s)
	if len(ws) != 2 || ws[0].Text != "not" {
		return parseCheckName(s)
	}
	e, err := parseCheckName(ws[1].Text)
	e.Broken = err == nil
	return e, At(ws[1].Offset, err)
}

var describe = map[Unit]string{Count: "a count", Millis: "a time", Shares: "a share", PerSecond: "a rate", Bytes: "a size"}

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
		s, text.DidYouMean(s, slices.Concat(names, measureNames())), strings.Join(names, ", "))
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

// ParseReading reads MEASURE[FROM..TO], or a comparison like an expectation's. Its
// errors are SyntaxErrors.
func ParseReading(s string) (Reading, error) {
	if strings.ContainsAny(s, "=!<>") {
		e, err := ParseExpectation(s)
		return Reading(e), err
	}
	trimmed := strings.TrimSpace(s)
	name, _, _ := strings.Cut(trimmed, "[")
	if MeasureNamed(strings.TrimSpace(name)) == nil {
		return Reading{}, At(0, fmt.Errorf("unknown figure %q%s; quorumlab list figures shows them", name, text.DidYouMean(name, measureNames())))
	}
	m, w, err := parseMeasured(trimmed, nil)
	if err != nil {
		return Reading{}, err
	}
	return Reading{Measure: m.Name, Window: w, In: m.Unit}, nil
}
