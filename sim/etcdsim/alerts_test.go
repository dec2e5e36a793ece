package etcdsim

import (
	"regexp"
	"testing"

	"quorumlab/sim"
)

// The rules ask for metrics that etcd has: a name that an update of etcd changes would make
// its rule silent for ever.
func TestRulesAskForMetricsThatMembersShow(t *testing.T) {
	c := start(t, 1, own, func(o *Options) { o.Metrics = sim.MetricsExtensive })
	put(t, c.Member(1), "k", "v")
	shown := metrics(t, c.Member(1))
	byPeer := regexp.MustCompile(`^etcd_network_peer_`) // a member alone has none
	for _, r := range sim.AlertRules() {
		for _, name := range regexp.MustCompile(`\b(etcd|grpc_server)_\w+`).FindAllString(r.Expr, -1) {
			if _, ok := shown[name]; !ok && !byPeer.MatchString(name) {
				t.Errorf("%s asks for %s, which a member does not show", r.Name, name)
			}
		}
	}
}
