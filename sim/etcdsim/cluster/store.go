package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"google.golang.org/grpc/codes"

	"quorumlab/sim"
)

// StoreStatus is a member's database file, and the store in it.
type StoreStatus struct {
	// Size is that of the file. InUse is without the pages that have been freed, which
	// stay in the file until a defragmentation. bbolt counts them when the next
	// transactions are committed: in a store that nobody writes to, InUse lags behind.
	Size, InUse sim.Size
	// Quota is the size above which writes raise the NOSPACE alarm.
	Quota sim.Size
	// Revision of the store, as far as the member has applied the log.
	Revision uint64

	Alarms int // that the member knows of

	leader uint64 // etcd's id
}

// Alarm is an alarm that a member has raised, which applies to the whole cluster.
type Alarm struct {
	Member sim.MemberID
	Kind   uint32 // sim.AlarmNoSpace or sim.AlarmCorrupt
}

// StoreStatus asks a member about its database file. While the member is being defragmented it may
// not answer. Errors are the client's.
func (c *Real) StoreStatus(ctx context.Context, id sim.MemberID) (s StoreStatus, err error) {
	err = c.asClient(id, func(cl *clientv3.Client) error {
		s, err = StoreStatusAs(ctx, cl)
		return err
	})
	return s, err
}

// SetQuota limits the members' database files from each member's next start on; 0 is etcd's 2 GiB. It holds for those
// too that had a quota of their own.
func (c *Real) SetQuota(q sim.Size) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.opt.Store.Quota = q
	for _, m := range c.members {
		m.own.Quota = nil
	}
}

// store is the store's settings for a member's next start.
func (c *Real) store() sim.StoreSpec {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.opt.Store
}

// Compact drops the revisions up to rev, or up to the newest one (0), and returns when the member
// that was asked has done so. The space becomes free inside its database file, which keeps its size.
// rpctypes.ErrCompacted: that revision is already gone. rpctypes.ErrFutureRev: there is no such
// revision yet.
func (c *Real) Compact(ctx context.Context, rev int64) error {
	return c.asAnyClient(func(cl *clientv3.Client) error {
		_, err := CompactAs(ctx, cl, rev)
		return err
	})
}

// Defrag rewrites the members' database files without their free space, one after the other and the
// leader's last, so that all but one of them can serve. While its file is being rewritten a member
// answers nobody. It waits for anybody reading a snapshot from the member, and so does the member.
//
// It stops at the first member that fails. A member that has begun goes on when ctx ends.
func (c *Real) Defrag(ctx context.Context, ms ...sim.MemberID) error {
	leader, err := c.leader(ctx)
	if err != nil {
		return err
	}
	for _, id := range LeaderLast(ms, leader) {
		err := c.asClient(id, func(cl *clientv3.Client) error { return DefragAs(ctx, cl) })
		if err != nil {
			return fmt.Errorf("defrag %s: %w", c.Member(id).Name, err)
		}
	}
	return nil
}

// Alarms lists the active alarms.
func (c *Real) Alarms(ctx context.Context) (as []Alarm, err error) {
	err = c.asAnyClient(func(cl *clientv3.Client) error {
		as, err = c.AlarmsAs(ctx, cl)
		return err
	})
	return as, err
}

// Disarm clears all alarms. One whose cause persists comes back: NOSPACE with the next write,
// as long as the file, freed pages included, is larger than the quota.
func (c *Real) Disarm(ctx context.Context) error {
	return c.asAnyClient(func(cl *clientv3.Client) error {
		_, err := c.DisarmAs(ctx, cl)
		return err
	})
}

// asClient asks a member, through its port for clients.
func (c *Real) asClient(id sim.MemberID, ask func(*clientv3.Client) error) error {
	m := c.Member(id)
	if !m.Up() {
		return fmt.Errorf("%s: %w", m.Name, ErrDown)
	}
	cl, err := m.Dial()
	if err != nil {
		return err
	}
	defer cl.Close()
	return ask(cl)
}

// asAnyClient asks the members that are up, one after the other, until one can be reached.
func (c *Real) asAnyClient(ask func(*clientv3.Client) error) error {
	err := ErrDown
	for _, m := range c.Members() {
		err = c.asClient(m.ID, ask)
		if !errors.Is(err, ErrDown) && Code(err) != codes.Unavailable {
			return err
		}
	}
	return err
}

// leader asks who leads; 0: nobody does.
func (c *Real) leader(ctx context.Context) (id sim.MemberID, err error) {
	err = c.asAnyClient(func(cl *clientv3.Client) error {
		s, err := StoreStatusAs(ctx, cl)
		id = c.Number(s.leader)
		return err
	})
	return id, err
}

// LeaderLast returns the members with the leader last, if it is one of them.
func LeaderLast(ms []sim.MemberID, leader sim.MemberID) []sim.MemberID {
	ms = slices.Clone(ms)
	if i := slices.Index(ms, leader); i >= 0 {
		ms = append(slices.Delete(ms, i, i+1), leader)
	}
	return ms
}

// maintenance is the service of the one member that cl is connected to. The client's own functions
// dial it anew for each question.
func maintenance(cl *clientv3.Client) etcdserverpb.MaintenanceClient {
	return etcdserverpb.NewMaintenanceClient(cl.ActiveConnection())
}

// StoreStatusAs is Real.StoreStatus for callers that have a client of the member alone, cl.
func StoreStatusAs(ctx context.Context, cl *clientv3.Client) (StoreStatus, error) {
	r, err := maintenance(cl).Status(ctx, &etcdserverpb.StatusRequest{})
	if err != nil {
		return StoreStatus{}, err
	}
	s := StoreStatus{
		Size: sim.Size(r.DbSize), InUse: sim.Size(r.DbSizeInUse), Quota: sim.Size(r.DbSizeQuota),
		Revision: uint64(r.Header.Revision), leader: r.Leader,
	}
	for _, e := range r.Errors {
		if e != noLeader {
			s.Alarms++ // the rest are alarms
		}
	}
	return s, nil
}

// noLeader is how a member's status says that it knows no leader.
var noLeader = rpctypes.ErrorDesc(rpctypes.ErrGRPCNoLeader)

// CompactAs is Real.Compact for callers that have a client, cl. It returns the revision up to which
// it compacted.
func CompactAs(ctx context.Context, cl *clientv3.Client, rev int64) (int64, error) {
	if rev == 0 {
		r, err := cl.Get(ctx, "k", clientv3.WithCountOnly())
		if err != nil {
			return 0, err
		}
		rev = r.Header.Revision
	}
	_, err := cl.Compact(ctx, rev, clientv3.WithCompactPhysical())
	return rev, err
}

// DefragAs rewrites the database file of the one member that cl is connected to, as Real.Defrag does.
func DefragAs(ctx context.Context, cl *clientv3.Client) error {
	_, err := maintenance(cl).Defragment(ctx, &etcdserverpb.DefragmentRequest{})
	return err
}

// DisarmAs is Disarm for callers that have a client, cl. It returns the alarms that it cleared.
func (c *Real) DisarmAs(ctx context.Context, cl *clientv3.Client) ([]Alarm, error) {
	r, err := cl.AlarmDisarm(ctx, &clientv3.AlarmMember{})
	return c.named(r), err
}

// AlarmsAs is Alarms for callers that have a client, cl.
func (c *Real) AlarmsAs(ctx context.Context, cl *clientv3.Client) ([]Alarm, error) {
	r, err := cl.AlarmList(ctx)
	return c.named(r), err
}

// named are an answer's alarms with our numbers of the members.
func (c *Real) named(r *clientv3.AlarmResponse) (as []Alarm) {
	if r == nil {
		return nil
	}
	for _, a := range r.Alarms {
		as = append(as, Alarm{c.Number(a.MemberID), uint32(a.Alarm)})
	}
	return as
}
