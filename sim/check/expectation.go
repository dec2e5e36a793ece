package check

import (
	"fmt"
	"slices"
	"strings"

	"quorumlab/internal/text"
	"quorumlab/sim"
)

var ops = []string{"==", "!=", "<=", ">=", "<", ">"}

// ParseExpectation reads an expectation: a check's name, "not" and a check's name, a
// comparison of a measure, or what becomes of a statement that is not carried out. Its errors are
// SyntaxErrors.
func ParseExpectation(s string) (sim.Expectation, error) {
	trimmed := strings.TrimSpace(s)
	e, err := parseTrimmed(trimmed)
	return e, sim.At(strings.Index(s, trimmed), err)
}

func parseTrimmed(s string) (sim.Expectation, error) {
	if e, is, err := parseStepExpectation(s); is { // first: a statement may have a comparison in it
		return e, err
	}
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
		return sim.Expectation{}, sim.At(place, fmt.Errorf("%q is not a comparison (they are %s)", s[place:place+1],
			strings.Join(ops, " ")))
	}
	m, w, err := parseMeasured(strings.TrimSpace(s[:place]))
	if err != nil {
		return sim.Expectation{}, err
	}
	right := s[place+len(op):]
	v, err := m.Unit.ParseValue(strings.TrimSpace(right))
	if err != nil {
		blanks := len(right) - len(strings.TrimLeft(right, " \t"))
		return sim.Expectation{}, sim.At(place+len(op)+blanks, fmt.Errorf("%w (%s is %s)", err, m.Name, describe[m.Unit]))
	}
	return sim.Expectation{Measure: m.Name, Window: w, Op: op, Value: v, In: m.Unit}, nil
}

// parseMeasured reads MEASURE[FROM..TO].
func parseMeasured(s string) (*sim.Measure, sim.Window, error) {
	name, window, windowed := strings.Cut(s, "[")
	m := MeasureNamed(strings.TrimSpace(name))
	if m == nil {
		return nil, sim.Window{}, fmt.Errorf("unknown measure %q%s",
			strings.TrimSpace(name), text.DidYouMeanOr(strings.TrimSpace(name), measureNames(),
				"quorumlab list measures shows them"))
	}
	if !windowed {
		return m, sim.Window{}, nil
	}
	w, err := parseWindow(window)
	return m, w, sim.At(len(name)+1, err)
}

// parseJudged reads the name of a check, perhaps behind "not".
func parseJudged(s string) (sim.Expectation, error) {
	ws := text.Words(s)
	if len(ws) != 2 || ws[0].Text != "not" {
		return parseCheckName(s)
	}
	e, err := parseCheckName(ws[1].Text)
	e.Broken = err == nil
	return e, sim.At(ws[1].Offset, err)
}

var describe = map[sim.Unit]string{sim.Count: "a count", sim.Millis: "a time", sim.Shares: "a share",
	sim.PerSecond: "a rate", sim.Bytes: "a size"}

func measureNames() (ns []string) {
	for _, m := range Measures() {
		ns = append(ns, m.Name)
	}
	return ns
}

func parseCheckName(s string) (sim.Expectation, error) {
	if CheckNamed(s) != nil {
		return sim.Expectation{Check: s}, nil
	}
	if MeasureNamed(s) != nil {
		return sim.Expectation{}, fmt.Errorf("the measure %q needs a comparison, like %q", s, s+" == 0")
	}
	var names []string
	for _, c := range Checks() {
		names = append(names, c.Name)
	}
	return sim.Expectation{}, fmt.Errorf("unknown check %q%s", s, text.DidYouMeanOr(s,
		slices.Concat(names, measureNames()),
		"checks are "+strings.Join(names, ", ")+", and a comparison is MEASURE[FROM..TO] OP VALUE"))
}

func parseWindow(s string) (sim.Window, error) {
	inner, ok := strings.CutSuffix(s, "]")
	from, to, ok2 := strings.Cut(inner, "..")
	if !ok || !ok2 {
		return sim.Window{}, fmt.Errorf(`a window is written like "[20s..30s]" or "[20s..]"`)
	}
	var w sim.Window
	var err error
	if from != "" {
		if w.From, err = sim.ParseDuration(from); err != nil {
			return sim.Window{}, err
		}
	}
	if to != "" {
		if w.To, err = sim.ParseDuration(to); err != nil {
			return sim.Window{}, err
		}
		if w.To <= w.From {
			return sim.Window{}, fmt.Errorf("the window %q ends before it begins", "["+s)
		}
	}
	return w, nil
}

// ParseReading reads MEASURE[FROM..TO], or a comparison like an expectation's. Its
// errors are SyntaxErrors.
func ParseReading(s string) (sim.Reading, error) {
	if strings.ContainsAny(s, "=!<>") {
		e, err := ParseExpectation(s)
		return sim.Reading(e), err
	}
	trimmed := strings.TrimSpace(s)
	name, _, _ := strings.Cut(trimmed, "[")
	if MeasureNamed(strings.TrimSpace(name)) == nil {
		return sim.Reading{}, sim.At(0, fmt.Errorf("unknown measure %q%s; quorumlab list measures shows them", name,
			text.DidYouMean(name, measureNames())))
	}
	m, w, err := parseMeasured(trimmed)
	if err != nil {
		return sim.Reading{}, err
	}
	return sim.Reading{Measure: m.Name, Window: w, In: m.Unit}, nil
}
