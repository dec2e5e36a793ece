package etcdsim

import (
	"context"
	"fmt"

	"quorumlab/sim"
)

// Was reports whether a member is none any more, but has run.
func (p powers) Was(id sim.MemberID) bool {
	p.r.mu.Lock()
	defer p.r.mu.Unlock()
	_, in := p.r.config[id]
	return !in && p.r.view(id).ran
}

// CopyData keeps a copy of a member's data.
func (p powers) CopyData(id sim.MemberID, name string) error {
	r, m := p.r, p.r.cluster.Member(id)
	ctx, cancel := context.WithTimeout(r.ctx, operationTimeout)
	defer cancel()
	status, up := m.Status()
	if err := m.CopyData(ctx, name); err != nil {
		return fmt.Errorf("copy the data of %s: %w", m.Name, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	v := r.view(id)
	if v.copies == nil {
		v.copies = map[string]uint64{}
	}
	v.copies[name] = v.commit
	if up {
		v.copies[name] = status.Committed
	}
	return nil
}

// RestoreData puts an old copy back.
func (p powers) RestoreData(id sim.MemberID, name string) error {
	r, m := p.r, p.r.cluster.Member(id)
	r.mu.Lock()
	v := r.view(id)
	commit, copied := v.copies[name]
	up := v.up
	r.mu.Unlock()
	switch {
	case !copied:
		return refused("there is no copy %q of the data of %s", name, m.Name)
	case up:
		return refused("%s is up: its data can't be replaced", m.Name)
	}
	if err := m.RestoreData(name); err != nil {
		return fmt.Errorf("restore the data of %s: %w", m.Name, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	e := sim.Event{Kind: sim.KindLost, Member: id, Index: commit + 1, Note: "an old copy of its data was put back"}
	if v.commit > commit { // of the rest of its log nothing is visible
		e.Count = uint32(v.commit - commit)
	}
	r.add(e)
	return nil
}
