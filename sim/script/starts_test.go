package script_test

import (
	"slices"
	"strings"
	"testing"

	"quorumlab/scenarios"
	"quorumlab/sim/script"
)

// TestAwaitedStarts: with fewer members up than a quorum, the outage lasts until those that are started are there.
func TestAwaitedStarts(t *testing.T) {
	for _, c := range []struct {
		members, steps string
		want           []int
	}{
		{"3", "crash leader; restart crashed", nil},
		{"3", "crash followers; restart crashed", []int{2}},
		{"3", "crash followers; restart crashed; crash leader; restart crashed", []int{2}},
		{"3", "crash n1; wipe n2; restart n1 n2", []int{3}},
		{"3", "restart all", []int{1}},
		{"3", "restart leader; restart a-follower", nil},
		{"5", "crash leader; crash a-follower; restart crashed", nil},
		{"5", "crash random 3; restart crashed", []int{2}},
		{"1", "crash n1; restart n1", []int{2}},
		{"[{zone: a}, {zone: a}, {zone: b}]", "crash zone b; restart crashed; crash zone a; restart crashed", []int{4}},
		{"[{}, {}, {}, {role: learner}]", "crash all; restart crashed; compact", []int{2}},
	} {
		text := "cluster: {members: " + c.members + "}\nrun: 100s\nsteps:\n"
		for i, step := range strings.Split(c.steps, "; ") {
			text += "  - {at: " + string(rune('1'+i)) + "s, do: " + step + "}\n"
		}
		s, err := scenarios.Parse("x.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := script.AwaitedStarts(s); !slices.Equal(got, c.want) {
			t.Errorf("%s members, %s: steps %v, want %v", c.members, c.steps, got, c.want)
		}
	}
}
