package alert

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/alert"
)

// cluster makes up the metrics of three members that a test changes, one round a second of
// made-up time.
type cluster struct {
	t      *testing.T
	now    time.Duration
	down   map[string]bool
	value  map[string]float64 // by the text of a series
	only   map[string]string  // the member that alone has a series; absent: all have it
	events []sim.Event
	m      *Monitor
}

var testSpec = sim.AlertSpec{Scrape: time.Second, Pace: 30}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{t: t, down: map[string]bool{}, value: map[string]float64{}, only: map[string]string{}}
	var err error
	c.m, err = New(Options{Spec: testSpec, Targets: c.targets, Now: func() time.Duration { return c.now },
		Record: func(e sim.Event) { e.At = c.now; c.events = append(c.events, e) }, Fetch: c.fetch})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *cluster) targets() (ts []Target) {
	for i := range sim.MemberID(3) {
		ts = append(ts, Target{Member: i + 1, Name: (i + 1).String()})
	}
	return ts
}

func (c *cluster) fetch(_ context.Context, t Target) ([]byte, string, error) {
	if c.down[t.Name] {
		return nil, "", fmt.Errorf("%s is down", t.Name)
	}
	var b strings.Builder
	for text, v := range c.value {
		if only := c.only[text]; only == "" || only == t.Name {
			fmt.Fprintf(&b, "%s %v\n", text, v)
		}
	}
	return []byte(b.String()), "text/plain; version=0.0.4; charset=utf-8", nil
}

// run lets seconds pass; before each round change sets the metrics.
func (c *cluster) run(seconds int, change func()) {
	c.t.Helper()
	for range seconds {
		c.now += time.Second
		change()
		c.m.Round(c.t.Context())
	}
}

// healthy is a second of a member that has nothing to complain of.
func (c *cluster) healthy() {
	v := c.value
	v["etcd_server_has_leader"] = 1
	v["etcd_server_leader_changes_seen_total"] = 1
	v["etcd_server_proposals_failed_total"] = 0
	v["etcd_server_quota_backend_bytes"] = 2 << 30
	v["etcd_mvcc_db_total_size_in_bytes"] = 300 << 20
	v["etcd_mvcc_db_total_size_in_use_in_bytes"] = 200 << 20
	v[`etcd_network_peer_sent_failures_total{To="a"}`] = 0
	for _, h := range []string{`etcd_disk_wal_fsync_duration_seconds`, `etcd_disk_backend_commit_duration_seconds`,
		`etcd_network_peer_round_trip_time_seconds{To="a"}`, grpcHistogram} {
		c.observe(h, 0.004, 100)
	}
	v[handled("OK")] += 100
	v[handled("NotFound")] += 5 // the client's fault
	v[handled("Unavailable")] += 0
}

const grpcHistogram = `grpc_server_handling_seconds{grpc_method="Put",grpc_service="etcdserverpb.KV",grpc_type="unary"}`

func handled(code string) string {
	return `grpc_server_handled_total{grpc_code="` + code + `",grpc_method="Put",grpc_service="etcdserverpb.KV",grpc_type="unary"}`
}

// observe adds n observations to a histogram.
func (c *cluster) observe(histogram string, v float64, n float64) {
	name, rest, ok := strings.Cut(histogram, "{")
	if ok {
		rest = strings.TrimSuffix(rest, "}") + ","
	}
	for le := 0.001; le < 10; le *= 2 {
		text := fmt.Sprintf(`%s_bucket{%sle="%g"}`, name, rest, le)
		if v <= le {
			c.value[text] += n
		} else {
			c.value[text] += 0
		}
	}
	c.value[fmt.Sprintf(`%s_bucket{%sle="+Inf"}`, name, rest)] += n
}

// reached lists the alerts that came as far as a state, as rule/member.
func (c *cluster) reached(s sim.AlertState) map[string]time.Duration {
	got := map[string]time.Duration{}
	for _, e := range c.events {
		id := e.Key + "/" + e.Member.String()
		if _, ok := got[id]; !ok && e.Kind == sim.KindAlert && e.Count == uint32(s) {
			got[id] = e.At
		}
		if e.Kind == sim.KindNote {
			c.t.Errorf("%s", e.Note)
		}
	}
	return got
}

// sickness is what makes a rule fire, alone or with others.
type sickness struct {
	also    []string // other rules that fire with it
	cluster bool     // it is about the cluster, not about a member
	seconds int      // until it fires, at the latest
	change  func(c *cluster)
}

var sicknesses = map[string]sickness{
	"etcdInsufficientMembers": {cluster: true, also: []string{"etcdMembersDown"}, seconds: 45, change: func(c *cluster) { c.down["n1"], c.down["n2"] = true, true }},
	"etcdMembersDown":         {cluster: true, seconds: 45, change: func(c *cluster) { c.down["n3"] = true }},
	"etcdNoLeader":            {seconds: 5, change: func(c *cluster) { c.value["etcd_server_has_leader"] = 0 }},
	"etcdHighNumberOfLeaderChanges": {cluster: true, seconds: 40,
		change: func(c *cluster) {
			c.value["etcd_server_leader_changes_seen_total"] = float64(c.now / time.Second)
		}},
	"etcdHighFsyncDurations":          {seconds: 40, change: func(c *cluster) { c.observe("etcd_disk_wal_fsync_duration_seconds", 0.7, 10) }},
	"etcdHighFsyncDurations.critical": {seconds: 40, also: []string{"etcdHighFsyncDurations"}, change: func(c *cluster) { c.observe("etcd_disk_wal_fsync_duration_seconds", 3, 10) }},
	"etcdHighCommitDurations":         {seconds: 40, change: func(c *cluster) { c.observe("etcd_disk_backend_commit_duration_seconds", 0.5, 10) }},
	"etcdHighNumberOfFailedProposals": {seconds: 45, change: func(c *cluster) {
		c.value["etcd_server_proposals_failed_total"] = 20 * c.now.Seconds()
	}},
	"etcdHighNumberOfFailedGRPCRequests": {seconds: 40, change: func(c *cluster) { c.value[handled("Unavailable")] += 3 }},
	"etcdHighNumberOfFailedGRPCRequests.critical": {seconds: 40, also: []string{"etcdHighNumberOfFailedGRPCRequests"},
		change: func(c *cluster) { c.value[handled("Unavailable")] += 30 }},
	"etcdGRPCRequestsSlow":        {seconds: 40, change: func(c *cluster) { c.observe(grpcHistogram, 0.5, 10) }},
	"etcdMemberCommunicationSlow": {seconds: 40, change: func(c *cluster) { c.observe(`etcd_network_peer_round_trip_time_seconds{To="a"}`, 0.5, 10) }},
	"etcdDatabaseQuotaLowSpace":   {seconds: 40, change: func(c *cluster) { c.value["etcd_server_quota_backend_bytes"] = 310 << 20 }},
	"etcdExcessiveDatabaseGrowth": {seconds: 40, change: func(c *cluster) {
		c.value["etcd_mvcc_db_total_size_in_bytes"] = 300<<20 + 10<<20*c.now.Seconds()
		c.value["etcd_mvcc_db_total_size_in_use_in_bytes"] = c.value["etcd_mvcc_db_total_size_in_bytes"]
	}},
	"etcdDatabaseHighFragmentationRatio": {seconds: 40, change: func(c *cluster) {
		c.value["etcd_mvcc_db_total_size_in_use_in_bytes"] = 120 << 20
	}},
}

// Every rule is silent while all is well, fires for what it is about, for the members or
// the cluster as a whole, and no other does that has no reason to.
func TestRules(t *testing.T) {
	for _, r := range alert.Rules() {
		t.Run(r.Name, func(t *testing.T) {
			sick, ok := sicknesses[r.Name]
			if !ok {
				t.Fatal("no sickness makes it fire; add one")
			}
			t.Parallel()
			c := newCluster(t)
			c.run(12, c.healthy)
			if got := c.reached(sim.AlertPending); len(got) > 0 {
				t.Fatalf("alerts of a healthy cluster: %v", got)
			}
			fell := c.now
			want := []sim.MemberID{1, 2, 3}
			if sick.cluster {
				want = []sim.MemberID{0}
			}
			got := map[string]time.Duration{}
			for c.now < fell+time.Duration(sick.seconds)*time.Second && got[r.Name+"/"+want[0].String()] == 0 {
				c.run(1, func() { c.healthy(); sick.change(c) })
				got = c.reached(sim.AlertFiring)
			}
			for _, m := range want {
				if at, ok := got[r.Name+"/"+m.String()]; !ok {
					t.Errorf("it has not fired for %v; fired: %v, pending: %v", m, got, c.reached(sim.AlertPending))
				} else if at-fell < r.For/30 {
					t.Errorf("fired %v after the change, before the condition held for %v", at-fell, r.For/30)
				}
			}
			for id := range got {
				name, _, _ := strings.Cut(id, "/")
				if name != r.Name && !strings.Contains(strings.Join(sick.also, " "), name) {
					t.Errorf("%s fired as well", id)
				}
			}
		})
	}
}
