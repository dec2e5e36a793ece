package raftsim

import (
	"context"

	"quorumlab/sim"
)

// finalReads reads each key that the clients used, linearizably, after the last
// operation: it shows whether an acknowledged write was lost. A cluster that no
// longer answers within the clients' timeout has no such events.
func (r *run) finalReads(ctx context.Context) error {
	if len(r.load.used) == 0 {
		return nil
	}
	deadline := r.now + r.load.timeout
	r.askFinal()
	return r.until(ctx, deadline, func() bool { return r.load.used == nil })
}

// askFinal asks the leader, and again later until there is an answer.
func (r *run) askFinal() {
	if r.load.used == nil {
		return
	}
	if m := r.leader(); m != nil && !m.paused {
		m.serve(&op{kind: sim.OpGet, final: true})
	}
	r.after(readRetry, r.askFinal)
}

// finalAnswer writes what a member read, once.
func (r *run) finalAnswer(m *member) {
	for key, used := range r.load.used {
		if used {
			v, mod := m.store.get(key)
			r.record(sim.Event{Kind: sim.KindFinal, Member: m.id, Key: r.keys.name(key), Value: v, Revision: mod})
		}
	}
	r.load.used = nil
}
