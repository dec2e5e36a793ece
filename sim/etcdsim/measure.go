package etcdsim

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/diskfault"
	"quorumlab/sim/etcdsim/guard"
)

// How much a Meter asks of its cluster: a hundred puts a second for two seconds.
const (
	measuredPuts  = 200
	measuredEvery = 10 * time.Millisecond
	warmUp        = 30
)

// measuredLink is what a message takes on the links of a Meter's cluster. It is not 0, since a link
// that delays takes a little longer than its delay, as timers do.
const measuredLink = 500 * time.Microsecond

// Meter finds out what three members take on this machine, without any fault and beside a link's
// delay, so that the sim engine can predict runs here. Measure as often as you like: around what is
// to be predicted, since a machine that others use is not the same all the time.
type Meter struct {
	dir         string
	fsync       sim.Law
	reads, puts []time.Duration

	mu   sync.Mutex
	took map[diskfault.Op][]time.Duration
	cold bool // what comes in is not counted yet
}

// NewMeter makes a meter whose members keep their data in dir, or in the system's temporary folder
// when it is empty. An fsync takes them what the law says, or what the machine takes if that is longer;
// the zero law is the machine's own disk.
func NewMeter(dir string, fsync sim.Law) *Meter {
	return &Meter{dir: dir, fsync: fsync, took: map[diskfault.Op][]time.Duration{}}
}

// Measure adds to what the meter knows: it starts a cluster, asks it for about two seconds, and
// stops it. Errors: those of starting the cluster, and ctx's.
func (m *Meter) Measure(ctx context.Context) error {
	dir, remove, err := guard.TempDir(m.dir, "quorumlab-measure-")
	if err != nil {
		return err
	}
	m.heat(true)
	c, err := New(Options{Names: []string{"n1", "n2", "n3"}, Dir: dir, Seed: 1, Fsync: m.fsync, Link: everyLink})
	if err == nil {
		err = errors.Join(m.all(ctx, c), c.Close())
	}
	if err = errors.Join(err, remove()); err != nil {
		return fmt.Errorf("measuring the machine: %w", err)
	}
	return nil
}

func everyLink(_, _ sim.MemberID) sim.LinkSpec {
	return sim.LinkSpec{Latency: sim.Fixed(measuredLink)}
}

// heat begins or ends the time in which nothing is counted.
func (m *Meter) heat(cold bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cold = cold
}

func (m *Meter) all(ctx context.Context, c *Cluster) error {
	if err := c.Start(ctx); err != nil {
		return err
	}
	for _, member := range c.Members() {
		disk := member.embeddedDisk()
		if disk == nil {
			return errors.New("a member is gone")
		}
		disk.Observe(m.disk)
		defer disk.Observe(nil)
	}
	leader, err := c.leading()
	if err != nil {
		return err
	}
	conn, err := leader.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	pace := time.NewTicker(measuredEvery)
	defer pace.Stop()
	for i := range warmUp + measuredPuts {
		m.heat(i < warmUp)
		if err := m.ask(ctx, conn, i >= warmUp); err != nil {
			return err
		}
		<-pace.C
	}
	m.heat(true)
	return nil
}

// leading is the member that leads.
func (c *Cluster) leading() (*Member, error) {
	for _, m := range c.Members() {
		if s, ok := m.Status(); ok && s.Leads() {
			return m, nil
		}
	}
	return nil, errors.New("the leader is gone")
}

// embeddedDisk is the disk of a member that runs in this process, or nil.
func (m *Member) embeddedDisk() *diskfault.Disk {
	if e, ok := m.running().(*embedded); ok {
		return &e.srv.disk
	}
	return nil
}

// ask reads the leader's own state, which needs nobody else, and then writes.
func (m *Meter) ask(ctx context.Context, c conn, counts bool) error {
	begin := time.Now()
	for _, step := range []struct {
		op    *op
		times *[]time.Duration
	}{{&op{kind: sim.OpGet, key: "k"}, &m.reads}, {&op{kind: sim.OpPut, key: "k", value: "v"}, &m.puts}} {
		if a := c.perform(ctx, step.op, sim.ReadSerializable); a.result != sim.OutcomeOK {
			return errors.Join(ctx.Err(), errors.New(a.note))
		}
		if counts {
			*step.times = append(*step.times, time.Since(begin))
		}
		begin = time.Now()
	}
	return nil
}

func (m *Meter) disk(op diskfault.Op, d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.cold {
		m.took[op] = append(m.took[op], d)
	}
}

// Machine is what the times say. A read of a member's own state is a request and its answer. A put is
// that, and the longer of the leader's fsync and of a message to a follower, its fsync and the message
// back: so the rest of its median is two messages and their links.
//
// For disks it is all of them, for what processors do the median alone: where it takes longer the
// processor was busy, which delays everything for a while, and not one message and not the next. The
// error says that nothing was measured.
func (m *Meter) Machine() (out sim.Machine, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	reads, puts := sim.TimesOf(m.reads), sim.TimesOf(m.puts)
	out.Fsync, out.Commit = sim.TimesOf(m.took[diskfault.Fsync]), sim.TimesOf(m.took[diskfault.Commit])
	if min(len(reads), len(puts), len(out.Fsync), len(out.Commit)) == 0 {
		return sim.Machine{}, errors.Join(errors.New("the machine was not measured"), diskfault.Available())
	}
	rest := puts.Quantile(0.5) - reads.Quantile(0.5) - out.Fsync.Quantile(0.5) - 2*measuredLink
	out.Client, out.Hop = half(reads.Quantile(0.5)), half(rest)
	return out, nil
}

// half is the law of what a time holds twice.
func half(d time.Duration) sim.Law {
	return sim.Fixed(max((d / 2).Round(time.Microsecond), time.Microsecond))
}
