package lessons

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"

	"quorumlab/scenarios"
	"quorumlab/sim"
)

// SameAs is a ScenarioJudge's Given for a task whose start is fixed except for some settings:
// free sets these to a constant in a copy of the scenario. It must not change a slice's
// elements, but may replace the slice. Name, title, description, expectations and the seed are
// always free.
func SameAs(start []byte, free func(s *sim.Scenario)) func(answer *sim.Scenario) error {
	return func(answer *sim.Scenario) error {
		given, err := scenarios.Parse("start.yaml", start)
		if err != nil {
			return err
		}
		a := *answer
		for _, s := range []*sim.Scenario{given, &a} {
			s.Name, s.Title, s.Chapter, s.About = "", "", "", ""
			s.Engines, s.Seed, s.Expect = nil, 0, nil
			free(s)
		}
		if name := firstDifference(reflect.ValueOf(*given), reflect.ValueOf(a)); name != "" {
			return fmt.Errorf("%s differs from what the task specifies", name)
		}
		return nil
	}
}

// firstDifference names the first field in which two scenarios differ, as it is written in YAML.
func firstDifference(a, b reflect.Value) string {
	for i := range a.NumField() {
		if reflect.DeepEqual(a.Field(i).Interface(), b.Field(i).Interface()) {
			continue
		}
		f := a.Type().Field(i)
		if f.Type == reflect.TypeFor[sim.ClusterSpec]() || f.Type == reflect.TypeFor[sim.Workload]() {
			return dashed(f.Name) + "." + firstDifference(a.Field(i), b.Field(i))
		}
		return dashed(f.Name)
	}
	return ""
}

// dashed writes a field's name in lower-case words with dashes.
func dashed(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
