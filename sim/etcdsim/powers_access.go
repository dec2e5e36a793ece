package etcdsim

import (
	"errors"
	"fmt"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

// Connect has a client connect to the leader, or to any member that is up.
func (p powers) Connect(k sim.ClientKind) error {
	done := p.r.errand.begin()
	p.r.work.Go(func() {
		var err error // being refused is the point, and no error
		defer func() { done(err) }()
		if !p.r.load.wait(p.r.guarded) {
			err = sim.Unfinished(errors.New("users and roles were not set up before the end of the run"))
			return
		}
		m := p.r.doorkeeper()
		if m == nil {
			err = refused("no member is running")
			return
		}
		var made []cluster.Attempt
		made, err = m.Connect(p.r.ctx, k)
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
				errs = append(errs, fmt.Errorf("%s: %w", p.r.scenario().MemberName(id), err))
			}
		}
	})
	return nil
}
