package alert

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"

	"quorumlab/sim"
	"quorumlab/sim/alert"
)

// The states of an alert in the order of time, with what breaks a wait off.
func TestMachine(t *testing.T) {
	const hold = 3 * time.Second
	sample := promql.Vector{{F: 1, Metric: labels.FromStrings("instance", "n1")}}
	m := machine{}
	var got []string
	for at, holds := range []bool{false, true, true, false, true, true, true, true, true, false, true} {
		var active promql.Vector
		if holds {
			active = sample
		}
		m.step(time.Duration(at)*time.Second, hold, active)
		state := sim.AlertInactive
		for _, a := range m {
			state = a.state
		}
		got = append(got, state.String())
	}
	want := strings.Fields("inactive pending pending inactive pending pending pending firing firing inactive pending")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A rule without a wait fires at once.
func TestMachineWithoutWait(t *testing.T) {
	m := machine{}
	m.step(time.Second, 0, promql.Vector{{F: 1, Metric: labels.FromStrings("a", "b")}})
	for _, a := range m {
		if a.state != sim.AlertFiring {
			t.Errorf("the alert is %v", a.state)
		}
	}
	if len(m) != 1 {
		t.Errorf("%d alerts", len(m))
	}
}

// A member that does not answer says nothing: it is up == 0, and its series end, so that a
// rule on what it said last is no longer true.
func TestAbsentIsNotFalse(t *testing.T) {
	c := newCluster(t)
	c.run(5, func() {
		c.healthy()
		c.value["etcd_server_has_leader"] = 0
	})
	if got := c.reached(sim.AlertFiring); got["etcdNoLeader/n3"] == 0 {
		t.Fatalf("etcdNoLeader has not fired for n3: %v", got)
	}
	c.events = nil
	c.down["n3"] = true
	c.run(1, func() {})
	var got []string
	for _, e := range c.events {
		got = append(got, fmt.Sprintf("%v %s %v count %d value %d", e.Kind, e.Key, e.Member, e.Count, e.Value))
	}
	want := []string{
		"metric up n3 count 1 value 0",
		"metric etcd_server_has_leader n3 count 0 value 0",
		"alert etcdMembersDown cluster count 1 value 0",
		"alert etcdNoLeader n3 count 0 value 0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Without the histogram of the requests, as with basic metrics, the rule on it is silent
// however slow they are.
func TestSeriesThatAreNotThere(t *testing.T) {
	for _, extensive := range []bool{false, true} {
		c := newCluster(t)
		c.run(40, func() {
			c.healthy()
			if extensive {
				c.observe(grpcHistogram, 5, 100)
				return
			}
			for text := range c.value {
				if strings.HasPrefix(text, "grpc_server_handling_seconds") {
					delete(c.value, text)
				}
			}
		})
		_, fired := c.reached(sim.AlertFiring)["etcdGRPCRequestsSlow/n1"]
		if fired != extensive {
			t.Errorf("extensive metrics %v: fired is %v", extensive, fired)
		}
	}
}

// A member that leaves the cluster takes its alerts and its up series along.
func TestTargetLeaves(t *testing.T) {
	c := newCluster(t)
	all := c.targets()
	c.m.opt.Targets = func() []Target { return all }
	c.down["n3"] = true
	c.run(30, c.healthy)
	all = all[:2]
	c.events = nil
	c.run(1, c.healthy)
	if !slices.ContainsFunc(c.events, func(e sim.Event) bool {
		return e.Kind == sim.KindAlert && e.Key == "etcdMembersDown" && e.Count == uint32(sim.AlertInactive)
	}) {
		t.Errorf("etcdMembersDown is still on: %v", c.events)
	}
}

// The store holds what a rule can reach, and no more.
func TestStoreIsBounded(t *testing.T) {
	c := newCluster(t)
	c.value[`etcd_debugging_nobody_asks`] = 1
	c.run(40, c.healthy)
	fsyncs, others := 0, 0
	for name, all := range c.m.store.series {
		if name == "etcd_debugging_nobody_asks" {
			t.Error("a metric is kept that no rule names")
		}
		for _, s := range all {
			if name == "etcd_disk_wal_fsync_duration_seconds_bucket" {
				fsyncs = max(fsyncs, len(s.points))
			}
			others = max(others, len(s.points))
		}
	}
	if fsyncs > 11 || others > 40 {
		t.Errorf("up to %d samples of an fsync bucket, %d of others; the window is 10s", fsyncs, others)
	}
	delete(c.value, `etcd_network_peer_sent_failures_total{To="a"}`)
	c.run(30, func() {})
	if s := c.m.store.series["etcd_network_peer_sent_failures_total"]; len(s) > 0 {
		t.Errorf("series that ended long ago are kept: %v", s)
	}
}

// A pace that the shortest windows can't take is a matter of validation; a rule that can't
// be parsed is one of New.
func TestCompile(t *testing.T) {
	needs := map[string]time.Duration{}
	r, err := compile(alert.Rule{Name: "x", For: time.Minute,
		Expr: `increase(max(a or b)[15m:1m]) > predict_linear(c[4h], 4h) and d > 600`}, 30, needs)
	if err != nil {
		t.Fatal(err)
	}
	if want := `increase(max(a or b)[30s:2s]) > predict_linear(c[8m], 8m) and d > 600`; r.expr != want {
		t.Errorf("%s, want %s", r.expr, want)
	}
	if r.hold != 2*time.Second {
		t.Errorf("holds for %v", r.hold)
	}
	want := map[string]time.Duration{"a": 42 * time.Second, "b": 42 * time.Second, "c": 8 * time.Minute, "d": 10 * time.Second}
	if diff := cmp.Diff(want, needs); diff != "" {
		t.Error(diff)
	}
	if _, err := compile(alert.Rule{Name: "x", Expr: "sum("}, 1, needs); err == nil || !strings.HasPrefix(err.Error(), "alert rule x: ") {
		t.Errorf("a broken expression gives %v", err)
	}
}

// Whoever answers with an error, too late or nonsense is down.
func TestFetch(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/good", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "etcd_server_has_leader 1") })
	mux.HandleFunc("/nonsense", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "up{ 1") })
	mux.HandleFunc("/broken", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusInternalServerError) })
	mux.HandleFunc("/late", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	srv := httptest.NewServer(mux)
	defer srv.Close()
	var targets []Target
	for i, path := range []string{"good", "nonsense", "broken", "late"} {
		targets = append(targets, Target{Member: sim.MemberID(i + 1), Name: path, URL: srv.URL + "/" + path})
	}
	got := map[string]uint64{}
	m, err := New(Options{Spec: sim.AlertSpec{Scrape: time.Second, Pace: 30}, Now: func() time.Duration { return time.Second },
		Targets: func() []Target { return targets },
		Record: func(e sim.Event) {
			if e.Key == "up" {
				got[targets[e.Member-1].Name] = e.Value
			}
		}})
	if err != nil {
		t.Fatal(err)
	}
	defer m.client.CloseIdleConnections()
	m.Round(t.Context())
	if diff := cmp.Diff(map[string]uint64{"good": 1, "nonsense": 0, "broken": 0, "late": 0}, got); diff != "" {
		t.Error(diff)
	}
}

// Run goes on until it is told to stop, and does not call anybody down for that.
func TestRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	rounds := 0
	m, err := New(Options{Spec: sim.AlertSpec{Scrape: time.Millisecond, Pace: 1}, Now: func() time.Duration { return time.Duration(rounds) * time.Second },
		Targets: func() []Target { return []Target{{Member: 1, Name: "n1"}} },
		Record: func(e sim.Event) {
			if e.Key == "up" && e.Value == 0 {
				t.Error("n1 is down")
			}
		},
		Fetch: func(ctx context.Context, _ Target) ([]byte, string, error) {
			if rounds++; rounds == 3 {
				cancel()
				return nil, "", errors.New("the end")
			}
			return []byte("etcd_server_has_leader 1\n"), "text/plain", nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	m.Run(ctx)
	if rounds != 3 {
		t.Errorf("%d rounds", rounds)
	}
}

// Whatever a member answers, the scrape gives samples or an error.
func FuzzParse(f *testing.F) {
	f.Add("etcd_server_has_leader 1\n", "text/plain; version=0.0.4")
	f.Add("# HELP a b\n# TYPE a histogram\na_bucket{le=\"1\"} 2 3\na_bucket{le=\"+Inf\"} NaN\n", "text/plain")
	f.Add("etcd_server_has_leader{a=\"\\\"}\"} 1e400\n{\"up\",b=\"c\"} 1\n", "application/openmetrics-text; version=1.0.0")
	f.Add("up{", "")
	f.Add("\x00\xff", "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited")
	keep := map[string]time.Duration{"up": 0, "etcd_server_has_leader": 0, "a_bucket": time.Second, "": 0}
	f.Fuzz(func(t *testing.T, body, mediaType string) {
		tg, s := newTarget(Target{Name: "n1"}), newStore(keep)
		for at := range time.Duration(3) {
			all, err := tg.parse([]byte(body), mediaType, s.keeps)
			if err != nil && all != nil {
				t.Fatal("samples and an error")
			}
			tg.take(s, at*time.Second, all, 1)
		}
		for name, all := range s.series {
			for _, x := range all {
				if x.labels.Get("instance") != "n1" || x.labels.Get("job") != job {
					t.Errorf("%s: labels %v", name, x.labels)
				}
				for i := 1; i < len(x.points); i++ {
					if x.points[i].t <= x.points[i-1].t {
						t.Errorf("%s: samples out of order", name)
					}
				}
			}
		}
	})
}
