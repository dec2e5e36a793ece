package engines_test

import (
	"slices"
	"testing"

	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/engines"
)

func TestPick(t *testing.T) {
	parse := func(name, named string) sim.Scenario {
		s, err := scenarios.Parse(name+".yaml", []byte("engines: ["+named+"]\nrun: 1s\n"))
		if err != nil {
			t.Fatal(err)
		}
		return *s
	}
	base, alone := parse("s", "sim, etcd"), parse("alone", "sim")
	for _, c := range []struct {
		name, wish string
		s          sim.Scenario
		want       []string
		err        string
	}{
		{"the first that it names", "", base, []string{"sim"}, ""},
		{"by name", "etcd", base, []string{"etcd"}, ""},
		{"both", "both", base, []string{"sim", "etcd"}, ""},
		{"all", "all", base, []string{"sim", "etcd", "etcd-virtual"}, ""},
		{"a list", "etcd-virtual,sim", base, []string{"etcd-virtual", "sim"}, ""},
		{"a list with blanks", "sim, etcd-virtual", base, []string{"sim", "etcd-virtual"}, ""},
		{"all in a list", "sim,all", base, nil, `"all" names several engines already; it stands alone, not in a list`},
		{"both in a list", "both,sim", base, nil, `"both" names several engines already; it stands alone, not in a list`},
		{"one twice, with blanks", "sim, sim", base, nil, "the engine sim is named twice"},
		{"one twice", "sim,sim", base, nil, "the engine sim is named twice"},
		{"virtual where etcd is not named", "etcd-virtual", alone, nil,
			"alone does not run on the etcd-virtual engine; it names sim"},
		{"none of that name", "simm", base, nil,
			`unknown engine "simm" (did you mean "sim"?)`},
		{"one that it does not name", "both", alone, nil, "alone does not run on the etcd engine; it names sim"},
	} {
		t.Run(c.name, func(t *testing.T) {
			picked, err := engines.Pick(&c.s, c.wish)
			var names []string
			for _, e := range picked {
				names = append(names, e.Name())
			}
			if !slices.Equal(names, c.want) || err != nil && err.Error() != c.err || err == nil && c.err != "" {
				t.Errorf("%v, %v; want %v, %s", names, err, c.want, c.err)
			}
		})
	}
	if _, err := engines.Named("raft"); err == nil ||
		err.Error() != `unknown engine "raft"; the engines are sim, etcd and etcd-virtual` {
		t.Errorf("an unknown name: %v", err)
	}
}
