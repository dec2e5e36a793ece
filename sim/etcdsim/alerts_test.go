package etcdsim

import (
	"regexp"
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/alert"
)

// The rules ask for metrics that etcd has: a name that an update of etcd changes would make
// its rule silent for ever.
func TestRulesAskForMetricsThatMembersShow(t *testing.T) {
	c := start(t, 1, own, func(o *Options) { o.Metrics = sim.MetricsExtensive })
	put(t, c.Member(1), "k", "v")
	shown := metrics(t, c.Member(1))
	byPeer := regexp.MustCompile(`^etcd_network_peer_`) // a member alone has none
	for _, r := range alert.Rules() {
		for _, name := range regexp.MustCompile(`\b(etcd|grpc_server)_\w+`).FindAllString(r.Expr, -1) {
			if _, ok := shown[name]; !ok && !byPeer.MatchString(name) {
				t.Errorf("%s asks for %s, which a member does not show", r.Name, name)
			}
		}
	}
}

// A member's metrics stand behind the same door as its keys: where clients need certificates, so
// does the scraper.
func TestAlertsWithTLS(t *testing.T) {
	s := scenario(t, 1, 2*time.Second)
	s.Cluster.Process, s.Cluster.TLS.Clients = sim.ProcessOwn, true
	s.Alerts = sim.AlertSpec{Scrape: 2 * time.Second, Pace: 15} // the first scrape may take as long
	said := map[uint64]int{}
	for _, e := range trace(t, s).Events {
		if e.Kind == sim.KindMetric && e.Key == "up" {
			said[e.Value]++
		}
	}
	if said[1] == 0 {
		t.Errorf("no scrape was answered: %v", said)
	}
}
