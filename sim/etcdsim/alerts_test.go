package etcdsim

import (
	"testing"
	"time"

	"quorumlab/sim"
)

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
