package check

import (
	"reflect"
	"testing"

	"quorumlab/sim"
)

// TestChoosy: an observer that says which kinds it reads takes no notice of others.
func TestChoosy(t *testing.T) {
	s := &sim.Scenario{Cluster: sim.ClusterSpec{Members: []sim.MemberSpec{{Name: "n1"}, {Name: "n2"}}}}
	for name, fresh := range map[string]func() sim.Choosy{
		"safety":   func() sim.Choosy { return NewSafety() },
		"failover": func() sim.Choosy { return newFailoverMeter(s).(sim.Choosy) },
		"leader":   func() sim.Choosy { return newFirstLeaderMeter(s).(sim.Choosy) },
	} {
		o := fresh()
		for k := sim.KindNone; sim.AllKinds.Has(k); k++ {
			if !o.Kinds().Has(k) {
				o.Observe(&sim.Event{Seq: 1, Kind: k, Member: 1, Peer: 2, Role: sim.Leader, Term: 3, Index: 4, LogTerm: 2, Value: 5,
					Count: 1})
			}
		}
		if !reflect.DeepEqual(state(o), state(fresh())) {
			t.Errorf("%s has read an event of a kind that it says it does not read", name)
		}
	}
}

// state is what an observer knows; functions are never equal.
func state(o sim.Choosy) any {
	if m, ok := o.(*leadershipMeter); ok {
		return m.fold
	}
	return o
}
