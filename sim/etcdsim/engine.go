package etcdsim

import (
	"context"
	"fmt"
	"time"

	"quorumlab/internal/helper"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
	"quorumlab/sim/etcdsim/cluster/diskfault"
	"quorumlab/sim/script"
)

// Engine runs scenarios on real etcd members, in real time. Its zero value is ready. One Engine may
// run several scenarios at the same time, which then share the machine.
type Engine struct {
	// Dir is the folder for the members' data and logs, which are kept. If it is empty they go to a
	// temporary folder and are removed at the end of a run.
	Dir string
	// Known are the members whose data are in Dir, of a cluster to resume. They must be the scenario's,
	// in the same order.
	Known []cluster.KnownMember
	// Session numbers the runs on one store, from 1, so that none takes for its own what another run or a
	// person wrote: each workload has its own keys and numbers. 0: the store is new, and used by the
	// workload alone.
	Session int
	virtual bool // in a synctest bubble
	flaw    cluster.Flaw
	// ClientPort is the first member's client port; the others get the next ones. 0: free ones.
	ClientPort int
}

var _ sim.Engine = Engine{}

// Name is "etcd".
func (Engine) Name() string { return "etcd" }

// lacks are the powers that this engine does not have, with the reason.
var lacks = map[sim.Power]string{
	sim.PowerDuplicate: "etcd's members talk over TCP, which delivers nothing twice; the sim engine supports it",
	sim.PowerReorder:   "etcd's members talk over TCP, which keeps the order; the sim engine supports it",
	sim.PowerDrift:     "etcd uses this machine's clock; the sim engine supports it",
	sim.PowerMessage:   "what real members send has no number that is the same in every run; the sim engine supports it",
	sim.PowerJoint: "etcd's server changes one member at a time, without raft's joint consensus; the sim engine " +
		"supports it",
	sim.PowerCampaign: "etcd holds an election when its timers expire; the sim engine can force one",
}

var diskPowers = map[sim.Power]bool{
	sim.PowerSlowDisk: true, sim.PowerStallDisk: true, sim.PowerFillDisk: true, sim.PowerLoseDisk: true,
}

// Refuse says what in the scenario this engine can't do.
func (e Engine) Refuse(s *sim.Scenario) []sim.Refusal {
	var rs []sim.Refusal
	refuse := func(bad bool, what, reason string, args ...any) {
		if bad {
			rs = append(rs, sim.Refusal{What: what, Reason: fmt.Sprintf(reason, args...)})
		}
	}
	refuse(len(s.Engines) > 0 && !s.NamesEngine(e.Name()), "engines", "the scenario does not list the etcd engine")
	refuse(len(s.Members()) > cluster.MaxMembers, "cluster.members",
		"%d members, including those that the script adds, exceed the maximum of %d real ones; the sim "+
			"engine takes up to %d",
		len(s.Members()), cluster.MaxMembers, sim.MaxMembers)
	for _, m := range s.Cluster.Members {
		refuse(m.Role == sim.Learner && len(e.Known) == 0, "cluster.members",
			"%s is a learner, but all members of a new etcd cluster vote; use the statement add-learner", m.Name)
	}
	refuse(s.Until != "", "until", "only the sim engine ends a run when a measure is known")
	rs = append(rs, s.RefuseUses(func(c *sim.ClusterSpec) []sim.Refusal {
		return append(sim.RefuseSettings(e.Name(), c), refuseTiming(c)...)
	})...)
	refuse(s.Workload.Clients > 0 && s.Workload.Reads == sim.ReadLease, "workload.reads",
		"etcd has no lease reads; the sim engine does")
	if err := diskfault.Available(); err != nil {
		refuse(s.Cluster.Disk.FsyncStated, "cluster.disk.fsync", "%v", err)
	}
	rs = append(rs, refuseAccess(s)...)
	rs = append(rs, refuseAlerts(s)...)
	return append(rs, script.Refuse(s, func(p sim.Power) string { return lacking(&s.Cluster, p) })...)
}

// lacking says why this engine, here, does not give a cluster a power, or nothing.
func lacking(c *sim.ClusterSpec, p sim.Power) string {
	if err := diskfault.Available(); err != nil && diskPowers[p] {
		return err.Error()
	}
	if err := helper.CanStop(); err != nil && p == sim.PowerPause && c.Process == sim.ProcessOwn {
		return err.Error()
	}
	return lacks[p]
}

// Lacks says why this engine can't carry out a verb's statements on a cluster, or nothing.
func (Engine) Lacks(c *sim.ClusterSpec, v *script.Verb) string {
	for _, p := range v.Needs {
		if why := lacking(c, p); why != "" {
			return why
		}
	}
	return lacksCertificates(c.TLS, v.Name)
}

// refuseAccess says what needs certificates that the cluster does not have.
func refuseAccess(s *sim.Scenario) (rs []sim.Refusal) {
	for i, st := range s.Steps {
		if why := lacksCertificates(s.Cluster.TLS, st.Do.Verb); why != "" {
			rs = append(rs, sim.Refusal{Step: i + 1, What: st.Do.String(), Reason: why})
		}
	}
	return rs
}

func lacksCertificates(tls sim.TLSSpec, verb string) string {
	switch {
	case verb == "connect" && !tls.Clients:
		return "the clients of this cluster have no certificates; set cluster.tls.clients"
	case verb == "rotate-certs" && !tls.Clients && !tls.Peers:
		return "this cluster has no certificates; set cluster.tls"
	}
	return ""
}

// refuseTiming tells what etcd's two settings, in milliseconds, can't express.
func refuseTiming(c *sim.ClusterSpec) (rs []sim.Refusal) {
	refuse := func(what, reason string) { rs = append(rs, sim.Refusal{What: what, Reason: reason}) }
	lo, hi := c.Election.Lo, c.Election.Hi
	if lo != hi && hi != 2*lo {
		refuse("cluster.election",
			"etcd draws election timeouts between one and two times its setting; the sim engine takes any range")
	}
	if c.Tick != 0 && c.Tick != c.Heartbeat {
		refuse("cluster.tick", "etcd's tick is its heartbeat; the sim engine takes any")
	}
	if c.Heartbeat%time.Millisecond != 0 || lo%time.Millisecond != 0 {
		refuse("cluster.heartbeat", "etcd takes whole milliseconds; the sim engine takes any time")
	}
	if lo < 5*c.Heartbeat {
		refuse("cluster.election", "etcd requires an election timeout of at least five heartbeats; the sim engine does not")
	}
	return rs
}

// Run runs the scenario in real time: it takes as long as the scenario's Run says, plus the members'
// start before it and up to the clients' timeout after it. Events are timed from when the members'
// processes had started. progress is called from the calling goroutine.
//
// Errors: a RefusedError, that of starting the cluster, ctx's, and that of stopping it.
func (e Engine) Run(ctx context.Context, s *sim.Scenario, rec *sim.Recorder, progress func(at time.Duration)) error {
	if rs := e.Refuse(s); len(rs) > 0 {
		return &sim.RefusedError{Scenario: s.Name, Engine: e.Name(), Refusals: rs}
	}
	r, err := newRun(ctx, e, s, rec, progress)
	if err != nil {
		return err
	}
	return r.all()
}
