package etcdsim

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"quorumlab/internal/guard"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
	"quorumlab/sim/etcdsim/cluster/diskfault"
	"quorumlab/sim/etcdsim/cluster/peerlink"
)

// How much a MachineMeter asks of its cluster: a hundred puts a second for two seconds.
const (
	measuredPuts  = 200
	measuredEvery = 10 * time.Millisecond
	warmUp        = 30
)

// measuredLink is what a message takes on the links of a MachineMeter's cluster. It is not 0, since a link
// that delays takes a little longer than its delay, as timers do.
const measuredLink = 500 * time.Microsecond

// MachineMeter measures how long three members take on this machine, without faults and apart from link
// delays, so that the sim engine can predict runs here. Measure as often as you like,
// close to what is to be predicted, since a shared machine changes over time.
type MachineMeter struct {
	dir   string
	fsync sim.Distribution

	mu    sync.Mutex
	past  time.Duration // of all measurements
	disks map[diskfault.Op][][]sim.Took
	reads, puts,
	messages []sim.Took
}

// NewMachineMeter makes a meter whose members keep their data in dir, or in the system's temporary folder
// when it is empty. An fsync takes them what the distribution says, or what the machine takes if that is longer;
// the zero distribution is the machine's own disk.
func NewMachineMeter(dir string, fsync sim.Distribution) *MachineMeter {
	return &MachineMeter{dir: dir, fsync: fsync, disks: map[diskfault.Op][][]sim.Took{}}
}

// Measure adds to what the meter knows: it starts a cluster, loads it for about two seconds, and
// stops it. Errors: those of starting the cluster, and ctx's.
func (m *MachineMeter) Measure(ctx context.Context) error {
	dir, remove, err := guard.TempDir(m.dir, "quorumlab-measure-")
	if err != nil {
		return err
	}
	x := newMeasurement()
	c, err := cluster.New(cluster.Options{
		Names: []string{"n1", "n2", "n3"}, Dir: dir, Seed: 1, Fsync: m.fsync, Link: everyLink,
		Hooks: cluster.Hooks{Message: x.message},
	})
	if err == nil {
		err = errors.Join(x.all(ctx, c), c.Close())
	}
	if err = errors.Join(err, remove()); err != nil {
		return fmt.Errorf("measuring the machine: %w", err)
	}
	m.add(x)
	return nil
}

func everyLink(_, _ sim.MemberID) sim.LinkSpec {
	return sim.LinkSpec{Latency: sim.Fixed(measuredLink)}
}

// add appends a measurement.
func (m *MachineMeter) add(x *measurement) {
	m.mu.Lock()
	defer m.mu.Unlock()
	put := func(to *[]sim.Took, what []sim.Took) {
		for _, t := range what {
			t.Begin += m.past
			*to = append(*to, t)
		}
	}
	put(&m.reads, x.quietReads())
	put(&m.puts, x.puts)
	put(&m.messages, x.messages)
	for op, members := range x.disks {
		m.disks[op] = append(m.disks[op], make([][]sim.Took, max(0, len(members)-len(m.disks[op])))...)
		for i, what := range members {
			put(&m.disks[op][i], what)
		}
	}
	m.past += x.span
}

// Machine is what follows from the times. A read of a member's own state is a request and its answer. A
// put is that, plus the longer of the leader's fsync and of a message to a follower, its fsync and the
// message back: so the rest of its median is two messages and their links. How late messages come
// off their links shows when one takes longer than that.
//
// The error says that nothing was measured.
func (m *MachineMeter) Machine() (out sim.Machine, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	out.Fsync, out.Commit = sim.NewRecording(m.past, m.disks[diskfault.Fsync]...),
		sim.NewRecording(m.past, m.disks[diskfault.Commit]...)
	reads, puts, messages := sim.NewRecording(m.past, m.reads), sim.NewRecording(m.past, m.puts),
		sim.NewRecording(m.past, m.messages)
	for _, r := range []sim.Recording{out.Fsync, out.Commit, reads, puts, messages} {
		if r.IsZero() {
			return sim.Machine{}, errors.Join(errors.New("the machine was not measured"), diskfault.Available())
		}
	}
	rest := puts.Quantile(0.5) - reads.Quantile(0.5) - out.Fsync.Quantile(0.5)
	out.Client = reads.Map(func(d time.Duration) time.Duration { return atLeast(d / 2) })
	out.Hop = messages.Map(func(d time.Duration) time.Duration {
		return atLeast(d - messages.Quantile(0.5) + rest/2 - measuredLink)
	})
	return out, nil
}

// atLeast is a time that passes.
func atLeast(d time.Duration) time.Duration {
	return max(d.Round(time.Microsecond), time.Microsecond)
}

// measurement is one of a MachineMeter's.
type measurement struct {
	leader int // its place among the members

	mu    sync.Mutex
	from  time.Time // since when it counts; zero: not yet, or no more
	span  time.Duration
	disks map[diskfault.Op][][]sim.Took // by member
	sent  map[uint64]time.Time          // messages under way
	reads, puts,
	messages []sim.Took
}

func newMeasurement() *measurement {
	return &measurement{disks: map[diskfault.Op][][]sim.Took{}, sent: map[uint64]time.Time{}}
}

// all is a measurement from the cluster's start on.
func (x *measurement) all(ctx context.Context, c *cluster.Real) error {
	if err := c.Start(ctx); err != nil {
		return err
	}
	for i, member := range c.Members() {
		end, err := member.ObserveDisk(func(op diskfault.Op, d time.Duration) { x.disk(i, op, d) })
		if err != nil {
			return err
		}
		defer end()
	}
	leader := c.Leader()
	if leader == nil {
		return errors.New("the leader is gone")
	}
	x.leader = int(leader.ID) - 1
	conn, err := newConn(leader)
	if err != nil {
		return err
	}
	defer conn.Close()
	pace := time.NewTicker(measuredEvery)
	defer pace.Stop()
	defer x.stop()
	for i := range warmUp + measuredPuts {
		if i == warmUp {
			x.start()
		}
		if err := x.ask(ctx, conn); err != nil {
			return err
		}
		<-pace.C
	}
	return nil
}

// start begins what counts, stop ends it.
func (x *measurement) start() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.from = time.Now()
}

func (x *measurement) stop() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.from.IsZero() {
		x.span, x.from = time.Since(x.from), time.Time{}
	}
}

// quietReads are the reads that did not wait for a commit of the database that was read. Sim has that wait
// from the commits themselves.
func (x *measurement) quietReads() []sim.Took {
	var commits []sim.Took
	if all := x.disks[diskfault.Commit]; x.leader < len(all) {
		commits = all[x.leader]
	}
	return slices.DeleteFunc(slices.Clone(x.reads), func(r sim.Took) bool {
		return slices.ContainsFunc(commits, func(c sim.Took) bool {
			return r.Begin < c.Begin+c.For && c.Begin < r.Begin+r.For
		})
	})
}

// ask reads the leader's own state, which needs nobody else, and then writes.
func (x *measurement) ask(ctx context.Context, c conn) error {
	for _, step := range []struct {
		op    *op
		times *[]sim.Took
	}{{&op{kind: sim.OpGet, key: "k"}, &x.reads}, {&op{kind: sim.OpPut, key: "k", value: "v"}, &x.puts}} {
		begin := time.Now()
		if a := c.perform(ctx, step.op, sim.ReadSerializable, nil); a.result != sim.OutcomeOK {
			return errors.Join(ctx.Err(), errors.New(a.note))
		}
		x.took(step.times, begin)
	}
	return nil
}

// took notes what has just ended, if it began when things counted.
func (x *measurement) took(in *[]sim.Took, begin time.Time) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.add(in, begin)
}

// add is took, under the lock.
func (x *measurement) add(in *[]sim.Took, begin time.Time) {
	if !x.from.IsZero() && !begin.Before(x.from) {
		*in = append(*in, sim.Took{Begin: begin.Sub(x.from), For: time.Since(begin)})
	}
}

// disk notes what an operation of a member's disk took that has just ended.
func (x *measurement) disk(member int, op diskfault.Op, d time.Duration) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if n := len(x.disks[op]); n <= member {
		x.disks[op] = append(x.disks[op], make([][]sim.Took, member+1-n)...)
	}
	x.add(&x.disks[op][member], time.Now().Add(-d))
}

// message notes what a message takes from its sender to its receiver, its link included.
func (x *measurement) message(f peerlink.Fate, m peerlink.Message) {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch f {
	case peerlink.Sent:
		x.sent[m.ID] = time.Now()
	case peerlink.Delivered:
		x.add(&x.messages, x.sent[m.ID])
		delete(x.sent, m.ID)
	case peerlink.Dropped:
		delete(x.sent, m.ID)
	}
}
