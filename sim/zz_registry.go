package sim

import (
	"slices"
	"sort"
)

// Metered lists the names of the measures that have a meter.
func Metered() (names []string) {
	for _, m := range Measures() {
		if m.Meter != nil {
			names = append(names, m.Name)
		}
	}
	return names
}

var measures = map[string]*Measure{}

// RegisterMeasure adds a measure; package check does so from its init functions.
func RegisterMeasure(m Measure) {
	if measures[m.Name] != nil {
		panic("sim: measure " + m.Name + " is registered twice")
	}
	measures[m.Name] = &m
}

// Measures lists the measures by name.
func Measures() []*Measure { return sorted(measures) }

// MeasureFamilies lists the measures' names, those of a family as one.
func MeasureFamilies() (names []string) {
	for _, m := range Measures() {
		name := m.Name
		if m.Family != "" {
			name = m.Family
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// MeasureNamed finds a measure, or nil.
func MeasureNamed(name string) *Measure { return measures[name] }

func sorted[T any](m map[string]*T) []*T {
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	sort.Strings(names)
	out := make([]*T, len(names))
	for i, n := range names {
		out[i] = m[n]
	}
	return out
}

var checks = map[string]*Check{}

// RegisterCheck adds a check; package check does so from its init functions.
func RegisterCheck(c Check) {
	if checks[c.Name] != nil {
		panic("sim: check " + c.Name + " is registered twice")
	}
	checks[c.Name] = &c
}

// Checks lists the checks by name.
func Checks() []*Check { return sorted(checks) }

// CheckNamed finds a check, or nil.
func CheckNamed(name string) *Check { return checks[name] }
