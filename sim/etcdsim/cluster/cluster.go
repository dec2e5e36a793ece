package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/etcd/client/pkg/v3/types"
	"go.etcd.io/etcd/server/v3/etcdserver/api/membership"
	"go.uber.org/zap"

	"quorumlab/internal/guard"
	"quorumlab/internal/helper"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster/peerlink"
)

// Real is a cluster of real etcd members. Its methods are safe for concurrent use.
type Real struct {
	opt   Options
	dir   string
	drop  func() error // removes dir; nil: it is not ours
	token string
	net   *peerlink.Network
	guard *guard.Guard   // nil if this process would leave nothing behind
	trust *trust         // its certificates
	work  sync.WaitGroup // the goroutines of the members' lives
	stood atomic.Bool    // a member has campaigned

	leftovers atomic.Bool

	mu      sync.Mutex
	members []*Member
	numbers map[uint64]sim.MemberID // by etcd's id
	gone    map[uint64]bool         // ids of members that were removed, and whose names others have taken
	etcdID  uint64                  // of the cluster that the members found
	links   map[[2]sim.MemberID]sim.LinkState
}

// New prepares a cluster: its folders and its ports. No member runs yet. Errors are bad options and
// those of the system. Close it unless there was an error.
func New(o Options) (*Real, error) {
	if err := o.fill(); err != nil {
		return nil, err
	}
	c := &Real{
		opt:     o,
		numbers: map[uint64]sim.MemberID{}, gone: map[uint64]bool{},
		links: map[[2]sim.MemberID]sim.LinkState{},
		net:   peerlink.New(peerlink.Options{Seed: o.Seed, Observe: o.Hooks.Message, Bubble: o.Virtual}),
	}
	if err := c.prepare(); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func (c *Real) prepare() (err error) {
	if err := c.protect(); err != nil {
		return err
	}
	if c.trust, err = newTrust(c.opt.TLS, c.certified(), filepath.Join(c.dir, "tls"), time.Now()); err != nil {
		return err
	}
	c.token = filepath.Base(c.dir) // two clusters that meet by accident must not mix
	for i, name := range slices.Concat(c.opt.Names, c.opt.Later) {
		if err := c.add(name, i < len(c.opt.Names)); err != nil {
			return err
		}
	}
	if len(c.opt.Known) > 0 {
		return c.recognize()
	}
	return c.numberMembers(c.members[:len(c.opt.Names)])
}

// protect starts the guard, if there is something to guard, and makes the folder. A program that does
// not call Main has no guard, and leaves its temporary folder behind when it is killed.
func (c *Real) protect() (err error) {
	own := c.opt.Processes == sim.ProcessOwn
	if c.opt.Dir == "" || own {
		c.guard, err = guard.Start()
		if err != nil && (own || !errors.Is(err, helper.ErrNoMain)) {
			return err
		}
	}
	if c.dir = c.opt.Dir; c.dir != "" {
		return os.MkdirAll(c.dir, 0o700)
	}
	c.dir, c.drop, err = c.guard.MkdirTemp("", "quorumlab-etcd-")
	return err
}

// add makes a member that does not run.
func (c *Real) add(name string, founder bool) error {
	n := len(c.Members()) + 1
	m := &Member{
		ID: sim.MemberID(n), Name: name, cluster: c, dir: c.memberFolder(n),
		part: founder, joins: !founder || len(c.opt.Known) > 0,
	}
	if n <= len(c.opt.Own) {
		m.own = c.opt.Own[n-1]
	}
	if err := os.MkdirAll(m.dir, 0o700); err != nil {
		return err
	}
	as, err := c.trust.issue(m, time.Now())
	if err != nil {
		return err
	}
	if err := c.openPorts(m, as); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.members = append(c.members, m) // from here on Close ends it
	for _, other := range c.members[:n-1] {
		c.applyLink(other.ID, m.ID)
		c.applyLink(m.ID, other.ID)
	}
	return nil
}

// Expect makes a member that may join later, with the next number, while the cluster runs. It must be
// called by one goroutine at a time. Errors are those of its folder and its ports, and that the
// cluster is full.
func (c *Real) Expect(name string) (*Member, error) {
	if len(c.Members()) >= MaxMembers {
		return nil, fmt.Errorf("a cluster has at most %d members, including removed ones", MaxMembers)
	}
	if err := c.add(name, false); err != nil {
		return nil, err
	}
	ms := c.Members()
	return ms[len(ms)-1], nil
}

// numberMembers works out the ids that etcd will give the members of a new cluster, as etcd does, so
// that their logs can be read from the first line on. Under the lock, or before there is more than
// one user.
func (c *Real) numberMembers(ms []*Member) error {
	urls, err := types.NewURLsMap(roster(ms))
	if err != nil {
		return err
	}
	rc, err := membership.NewClusterFromURLsMap(zap.NewNop(), c.token, urls)
	if err != nil {
		return err
	}
	c.etcdID = uint64(rc.ID())
	for _, m := range ms {
		c.numbers[uint64(rc.MemberByName(m.Name).ID)] = m.ID
	}
	return nil
}

// learn takes etcd's id of a member that joins. Members that catch up with the log tell of earlier ones, too.
func (c *Real) learn(etcdID uint64, peerURL string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range c.members {
		if m.peers.URL() == peerURL && c.idOf(m.ID) == 0 && !c.gone[etcdID] {
			c.numbers[etcdID] = m.ID
		}
	}
}

// forget takes the id from a member that was removed and is to join again: an id that was removed never comes back.
func (c *Real) forget(m *Member) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if id := c.idOf(m.ID); id != 0 && !m.part {
		delete(c.numbers, id)
		c.gone[id] = true
	}
}

// memberID is etcd's id of a member; 0 when it is not known.
func (c *Real) memberID(n sim.MemberID) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.idOf(n)
}

// idOf is memberID under the lock.
func (c *Real) idOf(n sim.MemberID) uint64 {
	for id, is := range c.numbers {
		if is == n {
			return id
		}
	}
	return 0
}

// Dir is the folder of the members' data, logs and certificates. Anything else put there is removed with it.
func (c *Real) Dir() string { return c.dir }

// Leftovers reports whether goroutines of etcd's database may have stayed behind in this process, because etcd
// called Fatal while a member started.
func (c *Real) Leftovers() bool { return c.leftovers.Load() }

// Founders are the initial members.
func (c *Real) Founders() []*Member { return c.Members()[:len(c.opt.Names)] }

// Start starts the initial members concurrently and returns when each answers clients. Seed chooses the
// first leader: it is told to campaign as soon as it can, by the message with which raft transfers
// leadership, instead of after its election timeout.
//
// With Options.TLS.Roles the users and roles then exist, too. Virtual members start a little apart: their ticks would
// all lie together, as those of machines do not, and too many votes would be split.
//
// Errors: a member that could not start or that died, with etcd's message, and ctx's.
func (c *Real) Start(ctx context.Context) (err error) {
	defer func() {
		if why := c.foundersLive(); err != nil && why != nil {
			err = why // the rest is only what follows from it
		}
	}()
	for i, m := range c.Founders() {
		if c.opt.Virtual && i > 0 {
			<-time.After(c.opt.Heartbeat / time.Duration(len(c.opt.Names)))
		}
		if err := m.Start(); err != nil {
			return err
		}
	}
	if err := c.elect(ctx, c.foundersLive); err != nil {
		return err
	}
	if err := c.BeginLifetimes(); err != nil {
		return err
	}
	for _, m := range c.Founders() {
		if err := m.Ready(ctx); err != nil {
			return err
		}
	}
	return c.GrantRoles(ctx)
}

// foundersLive returns why an initial member died by itself, or nil.
func (c *Real) foundersLive() error {
	for _, m := range c.Founders() {
		if why := m.diedOf(); why != "" {
			return fmt.Errorf("%s died: %s", m.Name, why)
		}
	}
	return nil
}

// Elect waits until every initial member has started and all know a leader, and makes sure that there is one soon.
func (c *Real) Elect(ctx context.Context) error { return c.elect(ctx, func() error { return nil }) }

// elect is Elect as long as hopeful returns nil: without enough members there will be no leader.
func (c *Real) elect(ctx context.Context, hopeful func() error) error {
	ms := c.Founders()
	for _, m := range ms {
		if _, err := m.process(ctx); err != nil {
			return err
		}
	}
	first := ms[sim.Below(sim.Stream(c.opt.Seed, "first leader"), int64(len(ms)))]
	look := time.NewTicker(2 * time.Millisecond)
	defer look.Stop()
	for !c.agree() {
		// Only until somebody has stood, whoever it was. If nobody wins then, raft tries again by
		// itself; a member pushed again and again might be one that cannot win, and disturb the rest.
		if !c.stood.Load() {
			if err := first.campaign(ctx, len(ms)); err != nil {
				return err
			}
		}
		if err := hopeful(); err != nil {
			return err
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// agree reports whether all running members know the same leader.
func (c *Real) agree() bool {
	var leader uint64
	for _, m := range c.Members() {
		s, up := m.Status()
		if !up {
			continue
		}
		if s.Lead == 0 || leader != 0 && s.Lead != leader {
			return false
		}
		leader = s.Lead
	}
	return leader != 0
}

// campaign makes the member stand for election, unless it knows a leader or has not yet applied the
// founding of a cluster of that many voters: raft refuses before.
func (m *Member) campaign(ctx context.Context, voters int) error {
	p, err := m.process(ctx)
	if err != nil {
		return err
	}
	if s := p.status(); s.Lead != 0 || s.Applied < uint64(voters) {
		return nil
	}
	return p.campaign(ctx)
}

// Members lists all members in the order of their numbers, including those that are down or removed.
func (c *Real) Members() []*Member {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]*Member(nil), c.members...)
}

// Member is the member with that number. It panics if there is none.
func (c *Real) Member(n sim.MemberID) *Member {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.members[n-1]
}

// Leader is the first member that believes that it leads; nil: none does.
func (c *Real) Leader() *Member {
	for _, m := range c.Members() {
		if s, up := m.Status(); up && s.Leads() {
			return m
		}
	}
	return nil
}

// Number is the number of the member with this etcd id; 0 if it is not known.
func (c *Real) Number(etcdID uint64) sim.MemberID {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.numbers[etcdID]
}

// SetLink sets all faults of the link from one member to another. Duplicate and Reorder are
// ignored: a TCP stream does neither.
func (c *Real) SetLink(from, to sim.MemberID, s sim.LinkState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.links[[2]sim.MemberID{from, to}] = s
	c.applyLink(from, to)
}

// applyLink sets a link to what the healthy link, its faults and the two members add up to. Under
// the lock.
func (c *Real) applyLink(from, to sim.MemberID) {
	healthy, fault := c.opt.Link(from, to), c.links[[2]sim.MemberID{from, to}]
	keep := (1 - share(healthy.Loss)) * (1 - share(fault.Loss))
	is := peerlink.Condition{
		Cut:  fault.Cut,
		Held: c.members[from-1].held || c.members[to-1].held,
		Loss: 1 - keep,
		Rate: int64(fault.Limit),
	}
	if !healthy.Latency.IsZero() || !fault.Delay.IsZero() {
		is.Delay = delay(healthy.Latency, fault.Delay)
	}
	c.net.Link(int(from), int(to)).Set(is)
}

func share(s sim.Share) float64 { return float64(s) / float64(sim.Whole) }

// hold holds all links of a member, or no longer.
func (c *Real) hold(m *Member, on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	m.held = on
	for _, other := range c.members {
		if other != m {
			c.applyLink(m.ID, other.ID)
			c.applyLink(other.ID, m.ID)
		}
	}
}

// closeTimeout is how long Close waits for members to stop, which takes milliseconds.
const closeTimeout = 30 * time.Second

// Close stops all members as a crash would and removes the temporary folder. Nothing of the cluster
// is left after it, unless the error says that a member did not stop. A second call does nothing.
func (c *Real) Close() error {
	ms := c.Members()
	for _, m := range ms {
		m.Crash()
	}
	stopped := make(chan struct{})
	go func() {
		c.work.Wait()
		close(stopped)
	}()
	var errs []error
	select {
	case <-stopped:
	case <-time.After(closeTimeout):
		errs = append(errs, fmt.Errorf("a member did not stop within %v", closeTimeout))
	}
	errs = append(errs, c.net.Close())
	for _, m := range ms {
		errs = append(errs, m.clients.Close())
	}
	if c.drop != nil {
		errs = append(errs, c.drop())
	}
	errs = append(errs, c.guard.Close())
	return errors.Join(errs...)
}
