package plan

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Assumption is what a plan takes for true: a field of its input, as somebody gave it or by default.
type Assumption struct {
	Name  string `json:"-"`
	Value string `json:"value"` // as a plan's file has it
	Given bool   `json:"given"` // by the file or a flag; otherwise it is a default
}

// zoneFields mean nothing to a cluster without zones.
var zoneFields = []string{"zone-rtt", "zone-mttf", "zone-mttr"}

// fieldNames lists the input's fields by their names in a file, in order.
func fieldNames() (names []string) {
	for f := range reflect.TypeFor[Input]().Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		names = append(names, name)
	}
	return names
}

// assumptions lists all that the plan of a complete input rests on. Given are the fields by name that
// somebody entered; one that differs from its default was entered, too.
func assumptions(entered, complete *Input, e *ElectionTimeouts, given []string) (as []Assumption) {
	shown := *complete
	shown.Heartbeat, shown.Election = Span(span(e.Heartbeat)), Span(span(e.Election))
	var defaults Input
	defaults.SetDefaults()
	values, was := reflect.ValueOf(&shown).Elem(), reflect.ValueOf(entered).Elem()
	usual := reflect.ValueOf(&defaults).Elem()
	for i, name := range fieldNames() {
		isGiven := slices.Contains(given, name) ||
			!reflect.DeepEqual(was.Field(i).Interface(), usual.Field(i).Interface())
		if !isGiven && len(complete.Zones) == 0 && slices.Contains(zoneFields, name) {
			continue
		}
		if !isGiven && complete.Nodes == 0 && (name == "pods" || name == "churn") {
			continue
		}
		value := valueText(values.Field(i))
		if name == "zones" && len(complete.Zones) == 0 {
			value = "none"
		}
		as = append(as, Assumption{name, value, isGiven})
	}
	return as
}

// valueText is a field as a file has it.
func valueText(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case encoding.TextMarshaler:
		if b, err := x.MarshalText(); err == nil {
			return string(b)
		}
	case fmt.Stringer:
		return x.String()
	}
	return fmt.Sprint(v.Interface())
}

// AssumptionsInWords lists what was given, or what was not, in the order of the fields.
func (p *Plan) AssumptionsInWords(given bool) string {
	var words []string
	for _, a := range p.Assumptions {
		if a.Given == given {
			words = append(words, a.Name+" "+a.Value)
		}
	}
	return strings.Join(words, ", ")
}

// places is where the members are: in the zones, or without zones each in a place of its own that never
// fails by itself.
func (in *Input) places() Placement {
	if len(in.Zones) > 0 {
		return in.Zones
	}
	return spreadOver(in.Members, in.Members)
}

// withoutZones refuses what is said of zones that there are not.
func (in *Input) withoutZones() (ps []InputProblem) {
	if len(in.Zones) > 0 {
		return nil
	}
	var d Input
	d.SetDefaults()
	for name, differs := range map[string]bool{
		"zone-rtt": in.ZoneRTT != d.ZoneRTT, "zone-mttf": in.ZoneMTTF != d.ZoneMTTF, "zone-mttr": in.ZoneMTTR != d.ZoneMTTR,
	} {
		if differs {
			ps = append(ps, InputProblem{name, fmt.Errorf("there are no zones that it could hold for; give zones, like %s",
				spreadOver(max(in.Members, 1), 3))})
		}
	}
	slices.SortFunc(ps, func(a, b InputProblem) int { return strings.Compare(a.Field, b.Field) })
	return ps
}

// failing is how zones fail: never, where there are none.
func (in *Input) failing() Repair {
	if len(in.Zones) == 0 {
		return Repair{}
	}
	return Repair{time.Duration(in.ZoneMTTF), time.Duration(in.ZoneMTTR)}
}
