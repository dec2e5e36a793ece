package cluster

import (
	"context"
	"os"
	"path/filepath"

	"quorumlab/sim/etcdsim/cluster/diskfault"
)

// copied is where a copy of the member's data is.
func (m *Member) copied(name string) string { return filepath.Join(m.dir, "copy-"+name) }

// CopyData keeps a copy of the member's data as its disk holds them now, under a name; an older copy of that name is
// replaced. One that runs has its disk stalled for some milliseconds. Errors: ctx's, and those of the copy.
func (m *Member) CopyData(ctx context.Context, name string) error {
	if m.Up() {
		p, err := m.process(ctx)
		if err != nil {
			return err
		}
		release, err := p.hold(ctx)
		if err != nil {
			return err
		}
		defer release()
	} else if err := m.Settle(ctx); err != nil {
		return err
	}
	if err := os.RemoveAll(m.copied(name)); err != nil {
		return err
	}
	return diskfault.Image(m.copied(name), m.data())
}

// RestoreData puts a copy in the place of the data of a member that is down. Errors are those of the copy.
func (m *Member) RestoreData(name string) error {
	m.settle()
	if err := os.RemoveAll(m.data()); err != nil {
		return err
	}
	m.mu.Lock()
	m.stale = false // copies of the files are not locked
	m.mu.Unlock()
	return diskfault.Image(m.data(), m.copied(name))
}
