package house

import (
	"reflect"
	"regexp"
	"strings"
	"testing"

	"quorumlab/sim"
)

// passes are the rooms and files through which a setting of the cluster passes on its way from the scenario's
// file to an engine. They pass on whole groups of settings, so that a new one is declared in sim/settings.go and
// applied by the engines that have it, and nothing else is touched.
var passes = []string{
	"scenarios/", "sim/scenario.go", "sim/shrink/", "sim/run/", "sim/sweep/", "sim/etcdsim/run.go",
	"sim/etcdsim/cluster/options.go",
}

// TestSettingsPassInGroups: nothing on the way names one of the settings. (Those of TLS have names that other things
// have, too.)
func TestSettingsPassInGroups(t *testing.T) {
	var named []string
	for _, group := range []reflect.Type{reflect.TypeFor[sim.StoreSpec](), reflect.TypeFor[sim.ReconfigRules]()} {
		for i := range group.NumField() {
			named = append(named, group.Field(i).Name)
		}
	}
	name := regexp.MustCompile(`\.(` + strings.Join(named, "|") + `)\b|\b(` + strings.Join(named, "|") + `):`)
	seen := 0
	each(t, func(f *file) {
		if f.test || !onTheWay(f.path) {
			return
		}
		seen++
		for i, line := range strings.Split(string(f.text), "\n") {
			if name.MatchString(line) {
				t.Errorf("%s:%d names a setting of its own: %s", f.path, i+1, strings.TrimSpace(line))
			}
		}
	})
	if seen < 30 {
		t.Errorf("there are only %d files on the way: were they moved?", seen)
	}
}

func onTheWay(path string) bool {
	for _, p := range passes {
		if path == p || strings.HasSuffix(p, "/") && strings.HasPrefix(path, p) {
			return true
		}
	}
	return false
}
