package plots

import (
	"fmt"
	"slices"
	"testing"

	"quorumlab/sim"
	"quorumlab/sim/alert"
)

func init() { onEtcdAlone["alerts"] = true } // simulated members have no metrics

// When all rules are on for a member, those that fired are shown first, and the rest is
// counted.
func TestAlertsThatFindNoRoom(t *testing.T) {
	tr := small()
	e := tr.Events[len(tr.Events)-1]
	fires := func(rule int) bool { return rule%3 == 0 }
	for i, r := range alert.Rules() {
		e = sim.Event{Seq: e.Seq + 1, At: e.At, Kind: sim.KindAlert, Key: r.Name, Member: 3, Count: uint32(sim.AlertPending)}
		if fires(i) {
			e.Count = uint32(sim.AlertFiring)
		}
		tr.Events = append(tr.Events, e)
	}
	p, err := alerts(Read(tr))
	if err != nil {
		t.Fatal(err)
	}
	a := p.(AlertsPoints)
	if got := fmt.Sprint(len(a.Said), len(a.Rules), a.More); got != "3 9 8" {
		t.Errorf("%s rows of members, rows of rules, rows left out", got)
	}
	for i, r := range alert.Rules() {
		shown := slices.ContainsFunc(a.Rules, func(row AlertRow) bool { return row.Rule == r.Name && row.Member == "n3" })
		if fires(i) && !shown {
			t.Errorf("%s fired and is left out", r.Name)
		}
	}
	if _, _, err := Render(tr, "alerts"); err != nil {
		t.Error(err)
	}
}
