package etcdsim

import (
	"errors"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

// Connect has a client connect to the leader, or to any member that is up.
func (p powers) Connect(k sim.ClientKind) error {
	done := p.r.errand.begin()
	p.r.work.Go(func() {
		defer done(nil) // being refused is the point
		if !p.r.load.wait(p.r.guarded) {
			p.r.note(0, "connect "+string(k)+": users and roles were not set up before the end of the run")
			return
		}
		m := p.r.doorkeeper()
		if m == nil {
			p.r.note(0, "connect "+string(k)+": no member is running")
			return
		}
		made, err := m.Connect(p.r.ctx, k)
		if err != nil {
			p.r.note(m.ID, "connect "+string(k)+": "+err.Error())
		}
		p.r.mu.Lock() // for all of them, so that visits at the same time do not mix
		defer p.r.mu.Unlock()
		for _, a := range made {
			p.r.add(sim.Event{
				Kind: sim.KindAccess, Member: m.ID, Client: k.Number(), Op: a.Op, Key: a.Key,
				Count: uint32(a.Stage), Result: a.Result, Note: a.Why(),
			})
		}
	})
	return nil
}

// doorkeeper is the member that new clients come to.
func (r *run) doorkeeper() *cluster.Member {
	r.mu.Lock()
	id := r.leader()
	for i, v := range r.views {
		if id == 0 && v.up {
			id = sim.MemberID(i + 1)
		}
	}
	r.mu.Unlock()
	if id == 0 {
		return nil
	}
	return r.cluster.Member(id)
}

// RotateCerts gives members new certificates, one member after the other.
func (p powers) RotateCerts(ms []sim.MemberID) error {
	done := p.r.errand.begin()
	p.r.work.Go(func() {
		var errs []error
		defer func() { done(errors.Join(errs...)) }()
		for _, id := range ms {
			err := p.r.cluster.Member(id).RotateCerts(p.r.ctx, func(to string, serial int64) {
				p.r.record(sim.Event{Kind: sim.KindCertificate, Member: id, Key: to, Value: uint64(serial)})
			})
			if err != nil && p.r.ctx.Err() == nil {
				p.r.note(id, "rotate-certs: "+err.Error())
				errs = append(errs, err)
			}
		}
	})
	return nil
}
