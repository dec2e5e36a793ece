//go:build !wasm

package etcdsim

import (
	"fmt"
	"maps"
	"slices"

	"quorumlab/sim"
	"quorumlab/sim/alert/monitor"
)

// watchAlerts scrapes the members and evaluates the rules until the run ends.
func (r *run) watchAlerts() error {
	if !r.s.Alerts.On() {
		return nil
	}
	secrets, err := r.cluster.ClientTLS()
	if err != nil {
		return fmt.Errorf("alerts: %w", err)
	}
	m, err := monitor.New(monitor.Options{
		Spec: r.s.Alerts, Targets: r.targets, Now: r.now, Record: r.recordAlert, TLS: secrets,
	})
	if err != nil {
		return fmt.Errorf("alerts: %w", err)
	}
	r.work.Go(func() { m.Run(r.ctx) })
	return nil
}

// recordAlert records what the monitor tells, up to the end of the script: what comes after
// belongs to no moment of the scenario.
func (r *run) recordAlert(e sim.Event) {
	if !r.isOver() {
		r.record(e)
	}
}

// targets are the members of the configuration, whether they run or not.
func (r *run) targets() (ts []monitor.Target) {
	r.mu.Lock()
	config := maps.Clone(r.config)
	r.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(config)) {
		m := r.cluster.Members()[id-1]
		url, err := m.MetricsURL()
		if config[id] == sim.RoleNone || err != nil { // Refuse has seen to the latter
			continue
		}
		ts = append(ts, monitor.Target{Member: id, Name: m.Name, URL: url})
	}
	return ts
}
