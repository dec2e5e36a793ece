package sim

// Expectation is what a scenario says will be true of its run: a check's name, "not"
// and a check's name, MEASURE[FROM..TO] OP VALUE, the window being optional, or OUTCOME
// STATEMENT for a statement of the script that is not carried out.
type Expectation struct {
	Check   string // the check, when there is no measure
	Broken  bool   // the check must find something: the scenario breaks it on purpose
	Measure string
	Window  Window
	Op      string // == != < <= > >=
	Value   float64
	In      Unit        // of Value: the measure's
	Outcome StepOutcome // of the statement; else empty
	// Statement is its text as Statement.String has it, with the selectors as written. Empty: whichever
	// statements come to that outcome.
	Statement string
}

// Excuses reports whether it expects of a step that it was not carried out in this way. Of several
// steps with the same statement it excuses each.
func (e Expectation) Excuses(s *StepResult) bool {
	return e.Outcome != "" && (e.Outcome == s.Outcome || e.Outcome == StepNotDone && !s.Outcome.CarriedOut()) &&
		(e.Statement == "" || e.Statement == s.Written)
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
	switch {
	case e.Broken:
		return "not " + e.Check
	case e.Outcome != "" && e.Statement == "":
		return string(e.Outcome) + " any"
	case e.Outcome != "":
		return string(e.Outcome) + " " + e.Statement
	}
	if e.Measure == "" {
		return e.Check
	}
	return e.Measure + e.Window.String() + " " + e.Op + " " + e.In.exact(e.Value)
}

// MarshalText writes the text form.
func (e Expectation) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

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
