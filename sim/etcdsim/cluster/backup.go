package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/etcdutl/v3/snapshot"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster/memberlog"
)

// Snapshot has a client save the member's store to a file, as etcdctl snapshot save does. The member
// needs no quorum. The file appears only when it is complete and its checksum is right; an older one
// of that name is replaced. Errors: the member does not answer, or the system's.
func (c *Real) Snapshot(ctx context.Context, from sim.MemberID, file string) (Snapshot, error) {
	client, err := c.Member(from).Dial()
	if err != nil {
		return Snapshot{}, err
	}
	defer client.Close()
	part := file + ".part"
	if err = save(ctx, client, part); err == nil {
		var s Snapshot
		if s, err = ReadSnapshot(part); err == nil {
			s.File = file
			return s, os.Rename(part, file)
		}
	}
	return Snapshot{}, errors.Join(fmt.Errorf("snapshot of %s: %w", c.Member(from).Name, err),
		ignoreMissing(os.Remove(part)))
}

// save writes what the member sends.
func save(ctx context.Context, client *clientv3.Client, file string) (err error) {
	r, err := client.Snapshot(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	f, err := os.OpenFile(file, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := io.Copy(f, r); err != nil {
		return err
	}
	return f.Sync()
}

// Restore makes a new cluster of all members, learners included, from a snapshot file: it stops those
// that run, replaces the data of all and starts them, at their old addresses. It returns when each
// answers clients. With bump above 0 the store's revision is that much higher than the
// snapshot's newest change, and all revisions up to there count as compacted, so that clients whose
// watches are ahead of the snapshot are told; without it such a watch is silent.
//
// If the snapshot is unusable (ErrSnapshot) or data can't be written, nothing changes: the members
// go on as before. The members' former data stay in their folders, as
// "data-before-2" and so on. Other errors are those of Start.
func (c *Real) Restore(ctx context.Context, file string, bump int64) error {
	r, err := c.PrepareRestore(file, bump)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	for _, m := range r.Members {
		m.Crash()
	}
	if err := r.Install(); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	for _, m := range r.Members {
		if err := m.Start(); err != nil {
			return err
		}
	}
	for _, m := range r.Members {
		if err := m.Ready(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Restoration is a new cluster, prepared next to the old one's data.
type Restoration struct {
	Revision int64     // what the new cluster starts from
	Members  []*Member // of the new cluster

	cluster  *Real
	snapshot Snapshot
	bump     int64
	token    string
	old      string // the name that the members' present data get
}

// dataBefore begins the names of the data of clusters that are no more.
const dataBefore = "data-before-"

// generation counts the clusters that there have been in these folders, this one included.
func (r *Restoration) generation() int {
	for n := 2; ; n++ {
		taken := slices.ContainsFunc(r.Members,
			func(m *Member) bool { return exists(filepath.Join(m.dir, fmt.Sprint(dataBefore, n))) })
		if !taken {
			return n
		}
	}
}

// PrepareRestore is the first part of Restore, for callers that crash and start the members one by one: it
// checks the snapshot and writes each member's new data next to its old data. After an error none of it
// is left.
func (c *Real) PrepareRestore(file string, bump int64) (*Restoration, error) {
	if bump < 0 {
		return nil, fmt.Errorf("the revision can't be raised by %d", bump)
	}
	s, err := ReadSnapshot(file)
	if err != nil {
		return nil, err
	}
	r := &Restoration{cluster: c, snapshot: s, Revision: s.Revision, bump: bump}
	c.mu.Lock()
	for _, m := range c.members {
		if m.part {
			r.Members = append(r.Members, m)
		}
	}
	c.mu.Unlock()
	n := r.generation()
	r.token, r.old = fmt.Sprintf("%s-%d", filepath.Base(c.dir), n), fmt.Sprint(dataBefore, n)
	if bump > 0 {
		r.Revision = s.last + bump
	}
	if err := r.each(r.write); err != nil {
		return nil, errors.Join(err, r.discard())
	}
	return r, nil
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return !errors.Is(err, fs.ErrNotExist)
}

// each does something for all members at the same time.
func (r *Restoration) each(do func(m *Member) error) error {
	errs := make([]error, len(r.Members))
	var all sync.WaitGroup
	for i, m := range r.Members {
		all.Go(func() { errs[i] = do(m) })
	}
	all.Wait()
	return errors.Join(errs...)
}

// write makes a member's new data. etcd's tool gives up by its logger, as a member does.
func (r *Restoration) write(m *Member) (err error) {
	log, err := memberlog.Open(memberlog.Options{File: m.logFile(), Died: func(d memberlog.Death) { panic(d.Message) }})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: %v", m.Name, p)
		}
	}()
	if err := os.RemoveAll(m.restored()); err != nil {
		return err
	}
	err = snapshot.NewV3(log.Logger).Restore(snapshot.RestoreConfig{
		SnapshotPath: r.snapshot.File, Name: m.Name, OutputDataDir: m.restored(), PeerURLs: []string{m.peers.URL()},
		InitialCluster: r.cluster.roster(), InitialClusterToken: r.token,
		RevisionBump: uint64(r.bump), MarkCompacted: r.bump > 0,
	})
	if err != nil {
		return fmt.Errorf("%s: %w", m.Name, err)
	}
	return nil
}

// discard removes what write made.
func (r *Restoration) discard() error {
	return r.each(func(m *Member) error { return os.RemoveAll(m.restored()) })
}

// Install replaces the old data by the new. The members must be down. After an error the old data are
// back in place, unless that failed too.
func (r *Restoration) Install() error {
	c := r.cluster
	for i, m := range r.Members {
		m.settle()
		if err := m.replaceData(r.old); err != nil {
			errs := []error{err}
			for _, done := range r.Members[:i] {
				errs = append(errs, done.returnData(r.old))
			}
			return errors.Join(append(errs, r.discard())...)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.token = r.token
	clear(c.numbers)
	clear(c.gone)
	for _, m := range r.Members {
		m.joins = false
	}
	return c.numberMembers(r.Members)
}

// replaceData keeps the member's data under another name and puts the restored ones in their place.
func (m *Member) replaceData(old string) error {
	m.mu.Lock()
	m.stale = false // the new files are nobody's yet
	m.mu.Unlock()
	keep := filepath.Join(m.dir, old)
	if err := ignoreMissing(os.Rename(m.data(), keep)); err != nil {
		return err
	}
	if err := os.Rename(m.restored(), m.data()); err != nil {
		return errors.Join(err, ignoreMissing(os.Rename(keep, m.data())))
	}
	return nil
}

// returnData undoes replaceData.
func (m *Member) returnData(old string) error {
	if err := os.RemoveAll(m.data()); err != nil {
		return err
	}
	return ignoreMissing(os.Rename(filepath.Join(m.dir, old), m.data()))
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (m *Member) restored() string { return filepath.Join(m.dir, "restored") }

// ForceNewCluster starts a member that is down as the only one of a new cluster, with the data that
// it has (etcd's --force-new-cluster), and returns when it answers clients. What it held but had not
// recorded as committed is lost. After a real kill that may include its newest acknowledged
// writes: etcd writes the commit index along with the next log entry. The other members are no longer
// part of the cluster and can't be started: they would go on with the old cluster, under the same name.
// Errors: this member or another one is running; and those of Start.
func (c *Real) ForceNewCluster(ctx context.Context, id sim.MemberID) error {
	if err := c.PrepareForceNewCluster(id); err != nil {
		return fmt.Errorf("force a new cluster: %w", err)
	}
	m := c.Member(id)
	if err := m.Start(); err != nil {
		return err
	}
	return m.Ready(ctx)
}

// PrepareForceNewCluster is ForceNewCluster without the start: it makes the next start of the member one
// of a new cluster. The error says that it, or another one, is running.
func (c *Real) PrepareForceNewCluster(id sim.MemberID) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i := slices.IndexFunc(c.members, (*Member).Up); i >= 0 {
		return fmt.Errorf("%s is running; this takes the data of one member, when all are down", c.members[i].Name)
	}
	for _, m := range c.members {
		m.part, m.forced = m.ID == id, m.ID == id
	}
	return nil
}

// takeForced reports whether the member starts as a new cluster, once.
func (m *Member) takeForced() bool {
	m.cluster.mu.Lock()
	defer m.cluster.mu.Unlock()
	forced := m.forced
	m.forced = false
	return forced
}
