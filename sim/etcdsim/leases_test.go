package etcdsim_test

import (
	"errors"
	"strings"
	"testing"

	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/etcdsim"
	"quorumlab/sim/etcdsim/cluster"
	"quorumlab/sim/raftsim"
	"quorumlab/sim/run"
)

// leasesText has a lease that expires, one that is kept alive, and one that is revoked.
const leasesText = `name: test
engines: [etcd]
cluster: {heartbeat: 20ms, election: 200ms}
workload: {clients: 2, rate: 20/s, mix: {put: 100}}
steps:
  - {at: 500ms, do: grant expires 2s keys 3 by c1}
  - {at: 500ms, do: grant kept 2s}
  - {at: 500ms, do: grant revoked 60s by c2}
  - {at: 600ms, do: keep-alive kept}
  - {at: 5s, do: revoke revoked}
run: 8s
expect: [leases]
`

func ofText(t *testing.T, text string) *sim.Scenario {
	t.Helper()
	s, err := scenarios.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestLeasesAreThoseOfEtcd: they end when etcd ends them, and the trace has the requests of etcd's client.
func TestLeasesAreThoseOfEtcd(t *testing.T) {
	j := judged(t, ofText(t, leasesText))
	if !j.OK() {
		t.Errorf("%+v", j.Result.Verdicts)
	}
	for name, want := range map[string]float64{"leases.granted": 3, "leases.expired": 1, "leases.lost": 0,
		"leases.early": 0, "leases.given-up": 0} {
		if m, ok := j.Result.Measure(name); !ok || m.Value != want {
			t.Errorf("%s is %v, want %v", name, m.Value, want)
		}
	}
	renewals, ended := 0, map[string]bool{}
	for _, e := range j.Trace.Events {
		switch {
		case e.Kind == sim.KindLeaseAnswered && e.Count == sim.LeaseKeepAlive && e.Key == "kept" && e.Result == sim.OutcomeOK:
			if renewals++; e.Value != 2000 || e.Member == 0 {
				t.Errorf("a renewal is answered with %+v", e)
			}
		case e.Kind == sim.KindLease && e.Count == sim.LeaseEnded:
			ended[e.Key] = true
		}
	}
	// Every third of 2 s it is due, and every 500 ms the client looks whether one is.
	if renewals < 5 || renewals > 12 || !ended["expires"] || !ended["revoked"] || ended["kept"] {
		t.Errorf("%d renewals; ended: %v", renewals, ended)
	}
}

// TestLeasesOfTheLoad come, are renewed, and end in both ways.
func TestLeasesOfTheLoad(t *testing.T) {
	j := judged(t, ofText(t, `name: test
engines: [etcd]
cluster: {heartbeat: 20ms, election: 200ms}
workload: {clients: 6, rate: 12/s, mix: {put: 1, lease: 2}, lease-ttl: 1s}
run: 12s
expect: [leases, linearizable]
`))
	if !j.OK() {
		t.Errorf("%+v", j.Result.Verdicts)
	}
	for _, name := range []string{"leases.granted", "leases.expired"} {
		if m, ok := j.Result.Measure(name); !ok || m.Value < 5 {
			t.Errorf("%s is %v", name, m.Value)
		}
	}
	story := ""
	for _, s := range check.Story(j.Trace) {
		story += s.Text + "\n"
	}
	if !strings.Contains(story, "leases expired, up to") {
		t.Errorf("the story does not tell of them:\n%s", story)
	}
}

// TestPlantedShortLeasesAreFound: the check fails a cluster whose leases live half as long as it says.
func TestPlantedShortLeasesAreFound(t *testing.T) {
	j, err := run.Do(t.Context(), ofText(t, leasesText), etcdsim.Virtual{Flaw: cluster.LeasesCutShort}, run.Options{})
	if err != nil {
		t.Fatal(err)
	}
	v := j.Result.Verdicts[len(j.Result.Verdicts)-1]
	if v.Check != "leases" || v.OK || !strings.Contains(v.Why, "before its time") || len(v.Events) == 0 {
		t.Errorf("the verdict is %+v", v)
	}
}

// TestLeasesAreRefusedOnSim, before the start, with the engines that have them.
func TestLeasesAreRefusedOnSim(t *testing.T) {
	s := ofText(t, strings.ReplaceAll(leasesText, "mix: {put: 100}", "mix: {put: 95, lease: 5}"))
	s.Engines = nil
	err := (raftsim.Engine{}).Run(t.Context(), s, sim.NewRecorder(sim.AllKinds), nil)
	var refused *sim.RefusedError
	if !errors.As(err, &refused) || len(refused.Refusals) != 6 ||
		!strings.Contains(err.Error(), "workload.mix.lease: the sim engine's store has no leases; the members of etcd and "+
			"etcd-virtual have") || !strings.Contains(err.Error(), `"grant kept 2s": the sim engine can't grant leases; `+
		"the etcd engine can") {
		t.Errorf("the error is %v", err)
	}
}
