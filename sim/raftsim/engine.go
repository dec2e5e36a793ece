package raftsim

import (
	"context"
	"fmt"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/script"
)

// Engine runs scenarios in virtual time. Its zero value is ready; one Engine may
// run any number of scenarios, also at the same time.
type Engine struct {
	// Timeouts, if set, scripts the election timeouts: it gets the member and how
	// often raft has drawn for it before, and returns the timeout in ticks from the
	// range of sim.ClusterSpec.ElectionTicks. Any other value leaves the draw to the
	// scenario's seed. This is how a lesson forces a split vote.
	Timeouts func(m sim.MemberID, draw int) int
	// Machine is where the run takes place: with the times that real members took there,
	// on disks as the scenario has them. The zero value is none: all times are the
	// scenario's.
	Machine sim.Machine
	// Bug breaks the software under test on purpose, to prove that the checks see
	// it. It is for tests.
	Bug Bug
	// MostEvents is how many events of its queue a run may process, 0 for any number; one
	// that exceeds it ends with sim.ErrFlood. Members whose logs broke their promises may
	// answer each other endlessly.
	MostEvents int

	everyTick bool // the plain clock against which tests hold the skipping one
}

// Bounded is the engine with MostEvents set.
func (e Engine) Bounded(most int) sim.Engine {
	e.MostEvents = most
	return e
}

// Name is "sim".
func (Engine) Name() string { return "sim" }

// powers are what statements may ask of this engine.
var powers = map[sim.Power]bool{
	sim.PowerCut: true, sim.PowerDelay: true, sim.PowerLose: true, sim.PowerDuplicate: true,
	sim.PowerReorder: true, sim.PowerLimit: true, sim.PowerCrash: true, sim.PowerPause: true,
	sim.PowerSlowDisk: true, sim.PowerStallDisk: true, sim.PowerFillDisk: true, sim.PowerLoseDisk: true,
	sim.PowerWipe: true, sim.PowerDrift: true, sim.PowerMembers: true, sim.PowerTransfer: true,
	sim.PowerCampaign: true, sim.PowerClients: true, sim.PowerMessage: true, sim.PowerJoint: true,
	sim.PowerOldData: true,
	sim.PowerLoad:    true, sim.PowerPut: true, sim.PowerCompact: true,
}

// Refuse returns what this engine can't do of the scenario.
func (Engine) Refuse(s *sim.Scenario) []sim.Refusal {
	var rs []sim.Refusal
	if len(s.Engines) > 0 && !s.NamesEngine("sim") {
		rs = append(rs, sim.Refusal{What: "engines", Reason: "the scenario does not name the sim engine"})
	}
	if n := len(s.Members()); n > sim.MaxMembers {
		rs = append(rs, sim.Refusal{What: "cluster.members",
			Reason: fmt.Sprintf("%d members, with those that the script adds, are more than the sim engine's maximum of %d", n,
				sim.MaxMembers)})
	}
	rs = append(rs, s.RefuseUses(func(c *sim.ClusterSpec) []sim.Refusal { return sim.RefuseSettings("sim", c) })...)
	if s.Workload.Clients > 0 && s.Workload.Mix.Lease > 0 {
		rs = append(rs, sim.Refusal{What: "workload.mix.lease", Reason: "the sim engine's store has no leases; the members " +
			"of etcd and etcd-virtual have"})
	}
	if s.Workload.Clients > 0 && s.Workload.Mix.Lock > 0 {
		rs = append(rs, sim.Refusal{What: "workload.mix.lock", Reason: "locks rest on leases, which the sim engine's store " +
			"does not have; the members of etcd and etcd-virtual have"})
	}
	if s.Alerts.On() {
		rs = append(rs, sim.Refusal{What: "alerts", Reason: "the rules are about etcd's own metrics, which only the etcd " +
			"engine's members have"})
	}
	return append(rs, script.Refuse(s, func(p sim.Power) string {
		if powers[p] {
			return ""
		}
		return fmt.Sprintf("the sim engine can't %s; the etcd engine can", p)
	})...)
}

// Run runs the scenario. It returns early with ctx's error when ctx is done, and with
// sim.ErrFlood after MostEvents. The time of events is virtual; progress is called from
// the same goroutine.
func (e Engine) Run(ctx context.Context, s *sim.Scenario, rec *sim.Recorder, progress func(at time.Duration)) error {
	if rs := e.Refuse(s); len(rs) > 0 {
		return &sim.RefusedError{Scenario: s.Name, Engine: e.Name(), Refusals: rs}
	}
	if layoutErr != nil {
		return layoutErr
	}
	if s.Until != "" && rec.Goal() == nil {
		return fmt.Errorf("the run of %s ends with %q, but the recorder has no meter for it", s.Name, s.Until)
	}
	r := newRun(e, s, rec, progress)
	var err error
	r.withRandom(ctx, func(ctx context.Context) { err = r.all(ctx) })
	return err
}
