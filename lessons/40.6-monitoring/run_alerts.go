package monitoring

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"quorumlab/lessons"
	"quorumlab/sim"
	"quorumlab/sim/alert"
	"quorumlab/sim/check"
)

// runSlowDisk runs the scenario slow-disk and says which kind of alert told of it, and when.
func runSlowDisk(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	run := lessons.ScenarioRun{
		Name: "slow-disk", File: slowDiskScenario, Figures: []string{"alerts", "throughput"},
		Facts: []string{
			"leader.changes", "alerts.delay",
			"alert.etcdHighFsyncDurations.members", "alert.etcdHighFsyncDurations.critical.members",
			"alert.etcdHighCommitDurations.members", "alert.etcdNoLeader.members", "alert.etcdHighNumberOfLeaderChanges.members",
		},
	}
	t, result, err := play(ctx, env, run)
	if err != nil {
		return nil, err
	}
	o, err := run.Tell(t, result)
	if err != nil {
		return nil, err
	}
	o.Measure("writes.before", measured(t, "throughput", sim.Window{From: 500 * time.Millisecond, To: 2 * time.Second}),
		sim.PerSecond, "acknowledged writes before the disk was slow")
	o.Measure("writes.during", measured(t, "throughput", sim.Window{From: 4 * time.Second, To: 12 * time.Second}),
		sim.PerSecond, "acknowledged writes while it was slow")
	o.Measure("put.during", measured(t, "latency.put.p50", sim.Window{From: 4 * time.Second, To: 12 * time.Second}),
		sim.Millis, "median latency of a write meanwhile")
	o.Tell("told.by", toldBy(t), "which kind of alert reported it")
	o.Tell("critical", lessons.YesNo(slices.Contains(fired(t), "etcdHighFsyncDurations.critical")),
		"whether the critical rule, with its threshold of 1 s, fired")
	delay, _ := o.Fact("alerts.delay")
	o.Tell("production.delay", inProduction(delay), "how long after the fault the first alert fired, in production time")
	return o, nil
}

// play runs a scenario of this lesson.
func play(ctx context.Context, env *lessons.Env, run lessons.ScenarioRun) (*sim.Trace, *check.Result, error) {
	s, err := run.Load()
	if err != nil {
		return nil, nil, err
	}
	env.Say("%s: %s", run.Name, s.Title)
	return lessons.RunScenario(ctx, s, "etcd", env.Version)
}

// measured is a measure of a stretch of a run; 0 when there was nothing to measure.
func measured(t *sim.Trace, name string, w sim.Window) float64 {
	v, _ := check.MeasureNamed(name).Compute(t, w)
	return v
}

// fired are the rules that fired in a run, in the order of sim.AlertRules.
func fired(t *sim.Trace) (rules []string) {
	for _, r := range alert.Rules() {
		if slices.ContainsFunc(t.Events, func(e sim.Event) bool {
			return e.Kind == sim.KindAlert && e.Key == r.Name && e.Count == uint32(sim.AlertFiring)
		}) {
			rules = append(rules, r.Name)
		}
	}
	return rules
}

// toldBy sums up which alerts fired: those on disks, those on leaders, both or none.
func toldBy(t *sim.Trace) string {
	var disks, leaders bool
	for _, name := range fired(t) {
		disks = disks || strings.HasPrefix(name, "etcdHighFsync") || strings.HasPrefix(name, "etcdHighCommit")
		leaders = leaders || name == "etcdNoLeader" || name == "etcdHighNumberOfLeaderChanges"
	}
	switch {
	case disks && leaders:
		return "both"
	case disks:
		return "alerts on disks"
	case leaders:
		return "alerts on the leader"
	}
	return "none"
}

// scenarioPace is how much faster than production the scenarios' rules run.
const scenarioPace = 100

// inProduction is a delay of a run in words, at production's pace.
func inProduction(delay lessons.Fact) string {
	switch d := time.Duration(delay.Value * scenarioPace * float64(time.Millisecond)); {
	case delay.Text != "":
		return "never"
	case d < 2*time.Minute:
		return "within two minutes"
	case d < 10*time.Minute:
		return "within ten minutes"
	}
	return "after more than ten minutes"
}

// runQuorumLoss runs the scenario quorum-loss and says what was heard of each member.
func runQuorumLoss(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	run := lessons.ScenarioRun{
		Name: "quorum-loss", File: quorumLossScenario, Figures: []string{"alerts"},
	}
	t, result, err := play(ctx, env, run)
	if err != nil {
		return nil, err
	}
	o, err := run.Tell(t, result)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"etcdNoLeader", "etcdInsufficientMembers", "etcdMembersDown"} {
		o.Count(name, measured(t, "alert."+name+".members", sim.Window{From: 2 * time.Second, To: othersBack}),
			"for how many members "+name+" fired; an alert on the cluster counts as one")
	}
	o.Count("written", measured(t, "writes.ok", sim.Window{From: 5 * time.Second, To: othersBack}),
		"acknowledged writes from 3 s after the crash until the others returned")
	told := saidLast(t)
	o.Count("silent", float64(told.silent), "members that said nothing in the last scrape: no value of "+
		"etcd_server_has_leader at all")
	o.Count("no.leader", float64(told.noLeader), "members that reported no leader")
	o.Count("has.leader", float64(told.leader), "members that reported a leader")
	return o, nil
}

// words is how many members said what of the leader.
type words struct{ silent, noLeader, leader int }

// othersBack is when the killed members are started again.
const othersBack = 7 * time.Second

// saidLast is what the members' metrics said of the leader before the others returned. A scrape
// of the survivor that failed, as on a busy machine, is left out.
func saidLast(t *sim.Trace) (w words) {
	said := map[sim.MemberID]*sim.Event{}
	crashed := map[sim.MemberID]bool{}
	for i := range t.Events {
		e := &t.Events[i]
		switch {
		case e.At >= othersBack:
		case e.Kind == sim.KindCrashed:
			crashed[e.Member] = true
		case e.Kind == sim.KindMetric && e.Key == "etcd_server_has_leader" && (e.Count > 0 || crashed[e.Member]):
			said[e.Member] = e
		}
	}
	for _, e := range said {
		switch {
		case e.Count == 0:
			w.silent++
		case e.Value == 0:
			w.noLeader++
		default:
			w.leader++
		}
	}
	return w
}

// runSlowRequests runs the scenario slow-requests with basic and with extensive metrics, side
// by side.
func runSlowRequests(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	traces := make([]*sim.Trace, len(levels))
	errs := make([]error, len(levels))
	var work sync.WaitGroup
	for i, level := range levels {
		run := lessons.ScenarioRun{Name: "slow-requests", File: slowRequestsScenario,
			Sets: []string{"cluster.metrics=" + string(level)}}
		s, err := run.Load()
		if err != nil {
			return nil, err
		}
		s.Name += "-" + string(level)
		env.Say("%s: %s", s.Name, s.Title)
		work.Go(func() { traces[i], _, errs[i] = lessons.RunScenario(ctx, s, "etcd", env.Version) })
	}
	work.Wait()
	o := &lessons.Observations{}
	for i, level := range levels {
		if errs[i] != nil {
			return nil, errs[i]
		}
		slow := sim.Window{From: 2 * time.Second}
		o.Measure(string(level)+".put.p50", measured(traces[i], "latency.put.p50", slow), sim.Millis,
			"latency of a put, with "+string(level)+" metrics")
		o.Count(string(level)+".alerted", measured(traces[i], "alert.etcdGRPCRequestsSlow.members", slow),
			"members for which etcdGRPCRequestsSlow fired, with "+string(level)+" metrics")
		if err := o.DrawTrace(traces[i], "alerts"); err != nil {
			return nil, err
		}
	}
	return o, nil
}
