package sim_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"quorumlab/sim"
)

func TestMemberSettingsTextForm(t *testing.T) {
	for _, text := range []string{
		"pre-vote=false", "heartbeat=50ms election=500ms", "check-quorum=true snapshot-count=10 catch-up-entries=0",
		"election=150ms..300ms", "quota=64MiB auto-compaction=5s", "auto-compaction=1000", "auto-compaction=off",
	} {
		m, err := sim.ParseMemberSettings(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if m.Text() != text {
			t.Errorf("%q comes back as %q", text, m.Text())
		}
	}
	for text, place := range map[string]int{
		"": 0, "pre-vote": 0, "pre-vote=true prevote=true": 14, "pre-vote=maybe": 9, "quota=64MiB quota=1GiB": 12,
		"snapshot-count=-1": 15, "auto-compaction=1ms": 16, "heartbeat=fast": 10, "max-learners=2": 0,
	} {
		_, err := sim.ParseMemberSettings(text)
		var at *sim.SyntaxError
		if !errors.As(err, &at) || at.Offset != place {
			t.Errorf("%q: the error is %v, at %+v, want one at %d", text, err, at, place)
		}
	}
}

// Every field of MemberSettings is a setting of the cluster that says so, and the other way round.
func TestMemberSettingsAreDeclared(t *testing.T) {
	names := sim.MemberSettingNames()
	for _, n := range names {
		if _, ok := sim.MemberSettingNamed(n); !ok {
			t.Errorf("sim/settings.go does not say that members may differ in %s", n)
		}
	}
	declared := 0
	for _, s := range sim.Settings() {
		if s.PerMember {
			declared++
		}
	}
	if declared != len(names) {
		t.Errorf("%d settings say that members may differ in them, and MemberSettings has %d", declared, len(names))
	}
}

func TestLaterSettingsWin(t *testing.T) {
	first := sim.MemberSettings{PreVote: new(false), SnapshotCount: new(uint64(7))}
	both := first.Then(sim.MemberSettings{PreVote: new(true), Heartbeat: new(time.Millisecond)})
	if got := both.Text(); got != "heartbeat=1ms pre-vote=true snapshot-count=7" {
		t.Errorf("they add up to %s", got)
	}
	c := both.On(sim.ClusterSpec{CheckQuorum: true})
	if !c.PreVote || !c.CheckQuorum || c.Heartbeat != time.Millisecond || c.Store.SnapshotCount != 7 {
		t.Errorf("the cluster as the member has it: %+v", c)
	}
}

// An engine is asked about each of the settings, and says once what it refuses of all.
func TestRefusedUses(t *testing.T) {
	s := &sim.Scenario{Cluster: sim.ClusterSpec{CheckQuorum: true, Members: []sim.MemberSpec{
		{Name: "n1"}, {Name: "n2", MemberSettings: sim.MemberSettings{CheckQuorum: new(false)}},
	}}}
	ask := func(c *sim.ClusterSpec) []sim.Refusal { return sim.RefuseSettings("etcd", c) }
	where := func() (list []string) {
		for _, r := range s.RefuseUses(ask) {
			list = append(list, r.What)
		}
		return list
	}
	if got := where(); !slices.Equal(got, []string{"cluster.members[1].check-quorum"}) {
		t.Errorf("refused: %v", got)
	}
	s.Steps = []sim.Step{{Do: sim.Statement{Verb: "restart n1", With: sim.MemberSettings{CheckQuorum: new(false)}}}}
	if got := where(); !slices.Equal(got, []string{"cluster.members[1].check-quorum", "restart n1"}) {
		t.Errorf("refused: %v", got)
	}
	s.Cluster.CheckQuorum = false
	if got := where(); !slices.Equal(got, []string{"cluster.check-quorum"}) {
		t.Errorf("refused: %v", got)
	}
}
