package etcdsim

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

var (
	_ sim.BackupOperator = powers{}
	_ sim.Damager        = powers{}
	_ sim.Watcher        = powers{}
)

// backups is what a run has saved.
type backups struct {
	saving sync.WaitGroup

	mu     sync.Mutex
	asked  int               // for snapshots
	newest *cluster.Snapshot // nil: none
}

// operationTimeout is how long a member may take for its part in one of these statements.
const operationTimeout = 10 * time.Second

// awake lists the members that can be asked something: they run and are not paused. The leader is
// the first.
func (r *run) awake() (ids []sim.MemberID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	lead := r.leader()
	if lead != 0 && !r.view(lead).paused {
		ids = append(ids, lead)
	}
	for i, v := range r.views {
		if id := sim.MemberID(i + 1); v.up && !v.paused && id != lead {
			ids = append(ids, id)
		}
	}
	return ids
}

// Snapshot saves the store as the leader has it, or as one of the others that run while there is no
// leader.
func (p powers) Snapshot() error {
	r := p.r
	ids := r.awake()
	if len(ids) == 0 {
		return refused("no member is running to take a snapshot of")
	}
	r.backups.mu.Lock()
	file := ""
	for file == "" || exists(file) { // a folder that was kept may hold older ones
		r.backups.asked++
		file = r.snapshotFile(r.backups.asked)
	}
	r.backups.mu.Unlock()
	r.backups.saving.Add(1)
	done := r.errand.begin()
	r.work.Go(func() {
		defer r.backups.saving.Done()
		ctx, cancel := context.WithTimeout(r.ctx, operationTimeout)
		defer cancel()
		s, err := r.cluster.Snapshot(ctx, ids[0], file)
		if err != nil {
			done(said(ids[0], err))
			return
		}
		r.backups.mu.Lock()
		r.backups.newest = &s
		r.backups.mu.Unlock()
		r.record(sim.Event{Kind: sim.KindSnapshotSaved, Member: ids[0], Revision: uint64(s.Revision), Value: uint64(s.Size)})
		done(nil)
	})
	return nil
}

// Restore carries out the whole of a restore but the wait for a leader. A snapshot that is just being
// saved is waited for.
func (p powers) Restore(bump int64) error {
	r := p.r
	r.backups.saving.Wait()
	newest, err := r.newestSnapshot()
	if err != nil {
		return r.withoutFolder(err)
	}
	plan, err := r.cluster.PrepareRestore(newest.File, bump)
	if err != nil {
		return r.withoutFolder(err)
	}
	for _, m := range r.cluster.Members() {
		if err := p.Crash(m.ID); err != nil {
			return err
		}
	}
	if err := plan.Install(); err != nil {
		return err
	}
	e := sim.Event{Kind: sim.KindNewCluster, Old: uint64(newest.Revision), Revision: uint64(plan.Revision)}
	if bump > 0 {
		e.Count = 1
	}
	r.newCluster(e, plan.Members...)
	for _, m := range plan.Members {
		if err := p.Start(m.ID); err != nil {
			return err
		}
	}
	return nil
}

// newestSnapshot is what was saved last: in this run, or before in a folder that was kept.
func (r *run) newestSnapshot() (cluster.Snapshot, error) {
	r.backups.mu.Lock()
	defer r.backups.mu.Unlock()
	if r.backups.newest != nil {
		return *r.backups.newest, nil
	}
	last := 0
	for exists(r.snapshotFile(last + 1)) {
		last++
	}
	if last == 0 {
		return cluster.Snapshot{}, errors.New("there is no snapshot to restore from")
	}
	return cluster.ReadSnapshot(r.snapshotFile(last))
}

// snapshotFile is where a snapshot is saved, by its number from 1.
func (r *run) snapshotFile(n int) string {
	return filepath.Join(r.cluster.Dir(), fmt.Sprintf("snapshot-%d.db", n))
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return !errors.Is(err, fs.ErrNotExist)
}

// withoutFolder is why a restore did not begin, without the machine's path to the cluster's files.
func (r *run) withoutFolder(err error) error {
	return refused("%s", strings.ReplaceAll(err.Error(), r.cluster.Dir()+string(filepath.Separator), ""))
}

// newCluster writes that the members are a new cluster, which have not started yet.
func (r *run) newCluster(e sim.Event, ms ...*cluster.Member) {
	defer r.leases.restored()
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.config)
	for _, m := range ms {
		r.config[m.ID] = sim.Follower
		r.view(m.ID).kept = 0
	}
	r.add(e)
}

// ForceNewCluster starts a member as a new cluster. The trace shows when it answers.
func (p powers) ForceNewCluster(id sim.MemberID) error {
	if err := p.r.cluster.PrepareForceNewCluster(id); err != nil {
		return sim.RefusedBy(0, err)
	}
	p.r.newCluster(sim.Event{Kind: sim.KindNewCluster, Member: id}, p.r.cluster.Member(id))
	return p.Start(id)
}

// CompareHashes compares those members that run and are not paused.
func (p powers) CompareHashes() error {
	r := p.r
	ids := r.awake()
	if len(ids) < 2 {
		return refused("%d of the members run: nothing to compare", len(ids))
	}
	done := r.errand.begin()
	r.work.Go(func() {
		ctx, cancel := context.WithTimeout(r.ctx, operationTimeout)
		defer cancel()
		hs, err := r.cluster.CompareHashes(ctx, ids...)
		defer func() { done(err) }()
		if err != nil {
			return
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.comparisons++
		for _, h := range hs {
			r.add(sim.Event{Kind: sim.KindHash, Member: h.Member, ID: r.comparisons, Revision: uint64(h.Revision),
				Value: uint64(h.Hash)})
		}
	})
	return nil
}

// Damage damages a file of a member.
func (p powers) Damage(id sim.MemberID, f sim.DataFile) error {
	ctx, cancel := context.WithTimeout(p.r.ctx, operationTimeout)
	defer cancel()
	d, err := p.r.cluster.Member(id).Damage(ctx, f)
	if err != nil {
		return sim.RefusedBy(0, err) // the file is as it was
	}
	p.r.record(sim.Event{Kind: sim.KindDamaged, Member: id, Key: string(f),
		Note: fmt.Sprintf("byte %d of %s: %s", d.At, d.File, d.What)})
	return nil
}
