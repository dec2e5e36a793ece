package etcdsim

import (
	"context"
	"errors"
	"fmt"
	"slices"
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

// Meter finds out what three members take on this machine, without any fault and without a link's
// delay, so that the sim engine can predict runs here. Measure as often as you like: around what is
// to be predicted, since a machine that others use is not the same all the time.
type Meter struct {
	dir         string
	reads, puts []time.Duration

	mu   sync.Mutex
	took map[diskfault.Op][]time.Duration
	cold bool // what comes in is not counted yet
}

// NewMeter makes a meter whose members keep their data in dir, or in the system's temporary folder
// when it is empty.
func NewMeter(dir string) *Meter { return &Meter{dir: dir, took: map[diskfault.Op][]time.Duration{}} }

// Measure adds to what the meter knows: it starts a cluster, asks it for about two seconds, and
// stops it. Errors: those of starting the cluster, and ctx's.
func (m *Meter) Measure(ctx context.Context) error {
	dir, remove, err := guard.TempDir(m.dir, "quorumlab-measure-")
	if err != nil {
		return err
	}
	m.heat(true)
	c, err := New(Options{Names: []string{"n1", "n2", "n3"}, Dir: dir, Seed: 1})
	if err == nil {
		err = errors.Join(m.all(ctx, c), c.Close())
	}
	if err = errors.Join(err, remove()); err != nil {
		return fmt.Errorf("measuring the machine: %w", err)
	}
	return nil
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
// back: so the rest of its median is two messages.
//
// For disks it is a law, for what processors do the median alone: where it takes longer the processor
// was busy, which delays everything for a while, and not one message and not the next. The error says
// that nothing was measured.
func (m *Meter) Machine() (out sim.Machine, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, ds := range [][]time.Duration{m.reads, m.puts, m.took[diskfault.Fsync], m.took[diskfault.Commit]} {
		if len(ds) == 0 {
			return out, errors.Join(errors.New("the machine was not measured"), diskfault.Available())
		}
		slices.Sort(ds)
	}
	if out.Fsync, err = lawOf(m.took[diskfault.Fsync]); err != nil {
		return out, err
	}
	if out.Commit, err = lawOf(m.took[diskfault.Commit]); err != nil {
		return out, err
	}
	rest := rank(m.puts, 50) - rank(m.reads, 50) - rank(m.took[diskfault.Fsync], 50)
	out.Client, out.Hop = half(rank(m.reads, 50)), half(rest)
	return out, nil
}

// half is the law of what a time holds twice.
func half(d time.Duration) sim.Law {
	return sim.Fixed(max((d / 2).Round(time.Microsecond), time.Microsecond))
}

// lawOf is the law through the median and the 99th percentile of sorted times.
func lawOf(ds []time.Duration) (sim.Law, error) {
	p50 := max(rank(ds, 50).Round(time.Microsecond), time.Microsecond)
	return sim.QuantileLaw(p50, max(rank(ds, 99).Round(time.Microsecond), p50))
}

// rank is the nearest-rank percentile of sorted times.
func rank(ds []time.Duration, pct int) time.Duration { return ds[(len(ds)*pct+99)/100-1] }
