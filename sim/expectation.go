package sim

// Expectation is what a scenario says will be true of its run: a check's name, "not"
// and a check's name, or MEASURE[FROM..TO] OP VALUE, the window being optional.
type Expectation struct {
	Check   string // the check, when there is no measure
	Broken  bool   // the check must find something: the scenario breaks it on purpose
	Measure string
	Window  Window
	Op      string // == != < <= > >=
	Value   float64
	In      Unit // of Value: the measure's
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
