package scenarios

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"quorumlab/sim"
)

// scenario is what the file says. Settings that follow from others get their values
// here.
func (f *file) scenario() *sim.Scenario {
	s := &sim.Scenario{
		Name:    f.Name,
		Title:   f.Title,
		Chapter: f.Chapter,
		About:   strings.TrimSpace(f.About),
		Engines: f.Engines,
		Seed:    f.Seed,
		Module:  f.Module,
		Cluster: f.Cluster.spec(),
		Run:     time.Duration(f.Run),
		Alerts:  sim.AlertSpec{Scrape: time.Duration(f.Alerts.Scrape), Pace: f.Alerts.Pace},
		Until:   f.Until,
	}
	for _, e := range f.Expect {
		s.Expect = append(s.Expect, sim.Expectation(e))
	}
	s.Workload = f.Workload.workload(&s.Cluster)
	for _, st := range f.Steps {
		s.Steps = append(s.Steps, sim.Step{At: time.Duration(st.At), Within: time.Duration(st.Within),
			For: time.Duration(st.For), Do: sim.Statement(st.Do)})
	}
	return s
}

func (c *cluster) spec() sim.ClusterSpec {
	out := sim.ClusterSpec{
		Heartbeat:   time.Duration(c.Heartbeat),
		Election:    sim.Distribution(c.Election),
		Tick:        time.Duration(c.Tick),
		PreVote:     c.PreVote,
		CheckQuorum: c.CheckQuorum,

		ReconfigRules: c.ReconfigRules,

		Network:    sim.LinkSpec{Latency: sim.Distribution(c.Network.Latency), Loss: c.Network.Loss},
		ClientLink: sim.Distribution(c.ClientLink),
		Disk:       c.Disk.spec(),
		Store:      c.Store,
		Process:    c.Process,
		Metrics:    c.Metrics,
		TLS:        c.TLS,
	}
	for _, m := range c.Members {
		out.Members = append(out.Members, sim.MemberSpec{Name: m.Name, Zone: m.Zone, Role: sim.Role(m.Role),
			MemberSettings: m.MemberSettings})
	}
	for _, l := range c.Links {
		rule := sim.LinkRule{From: l.From, To: l.To, OneWay: l.OneWay, LinkSpec: out.Network}
		if l.Latency != nil {
			rule.Latency = sim.Distribution(*l.Latency)
		}
		if l.Loss != nil {
			rule.Loss = *l.Loss
		}
		out.Links = append(out.Links, rule)
	}
	return out
}

func (d *disk) spec() sim.DiskSpec {
	if d.Fsync == nil {
		return sim.DiskSpec{Fsync: usualFsync, Mode: d.Mode}
	}
	return sim.DiskSpec{Fsync: sim.Distribution(*d.Fsync), FsyncStated: true, Mode: d.Mode}
}

func (w *workload) workload(c *sim.ClusterSpec) sim.Workload {
	out := sim.Workload{
		Clients: w.Clients,
		Rate:    int(w.Rate),
		Mix:     sim.Mix(w.Mix),
		Keys:    w.Keys,
		Value:   w.Value,
		Reads:   w.Reads,
		Timeout: patience(c),
		Via:     w.Via,
		Habits:  w.Habits,
	}
	if w.Timeout != nil {
		out.Timeout = time.Duration(*w.Timeout)
	}
	return out
}

// patience is how long a client waits unless the file says otherwise: as long as an
// etcd server does (ReqTimeout in server/config/config.go).
func patience(c *sim.ClusterSpec) time.Duration {
	return 5*time.Second + 2*max(c.Election.Hi, c.Election.Lo)
}

// fileOf is the file that says what the scenario is: fileOf(s).scenario() equals s.
func fileOf(s *sim.Scenario) *file {
	f := &file{
		Name:     s.Name,
		Title:    s.Title,
		Chapter:  s.Chapter,
		About:    s.About,
		Engines:  s.Engines,
		Seed:     s.Seed,
		Module:   s.Module,
		Cluster:  clusterOf(&s.Cluster),
		Workload: workloadOf(s),
		Run:      duration(s.Run),
		Alerts:   alerts{Scrape: duration(s.Alerts.Scrape), Pace: s.Alerts.Pace},
		Until:    s.Until,
	}
	for _, e := range s.Expect {
		f.Expect = append(f.Expect, expectation(e))
	}
	for _, st := range s.Steps {
		f.Steps = append(f.Steps, step{At: duration(st.At), Within: duration(st.Within), For: duration(st.For),
			Do: statement(st.Do)})
	}
	return f
}

func clusterOf(c *sim.ClusterSpec) cluster {
	out := cluster{
		Heartbeat:   duration(c.Heartbeat),
		Election:    distribution(c.Election),
		Tick:        duration(c.Tick),
		PreVote:     c.PreVote,
		CheckQuorum: c.CheckQuorum,

		ReconfigRules: c.ReconfigRules,

		Network:    link{distribution(c.Network.Latency), c.Network.Loss},
		ClientLink: distribution(c.ClientLink),
		Disk:       diskOf(c.Disk),
		Store:      c.Store,
		Process:    cmp.Or(c.Process, sim.ProcessShared),
		Metrics:    cmp.Or(c.Metrics, sim.MetricsBasic),
		TLS:        c.TLS,
	}
	for _, m := range c.Members {
		out.Members = append(out.Members, member{m.Name, m.Zone, role(m.Role), m.MemberSettings})
	}
	for _, l := range c.Links {
		rule := linkRule{From: l.From, To: l.To, OneWay: l.OneWay}
		if l.Latency != c.Network.Latency {
			rule.Latency = (*distribution)(&l.Latency)
		}
		if l.Loss != c.Network.Loss {
			rule.Loss = &l.Loss
		}
		out.Links = append(out.Links, rule)
	}
	return out
}

func diskOf(d sim.DiskSpec) disk {
	out := disk{Mode: d.Mode}
	if d.FsyncStated {
		out.Fsync = (*distribution)(&d.Fsync)
	}
	return out
}

func workloadOf(s *sim.Scenario) workload {
	w := &s.Workload
	out := workload{
		Clients: w.Clients,
		Rate:    rate(w.Rate),
		Mix:     mix(w.Mix),
		Keys:    w.Keys,
		Value:   w.Value,
		Reads:   w.Reads,
		Via:     slices.Clone(w.Via),
		Habits:  w.Habits,
	}
	if w.Timeout != patience(&s.Cluster) {
		d := duration(w.Timeout)
		out.Timeout = &d
	}
	return out
}
