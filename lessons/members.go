package lessons

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim"
	"quorumlab/sim/etcdsim/cluster"
)

// Enough is how long a run with real members may take on a machine that has other things to do, too.
const Enough = 2 * time.Minute

// Names are n1, n2 and so on, the names of n members.
func Names(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprint("n", i+1))
	}
	return names
}

// Brisk are n members whose times are shorter than etcd's, for lessons in which nothing that is shown
// depends on them.
func Brisk(n int) cluster.Options {
	return cluster.Options{Names: Names(n), Heartbeat: 50 * time.Millisecond, Election: 500 * time.Millisecond}
}

// OnCluster starts a cluster of real members, calls do with it, and always stops it
// afterwards. When do is called every member answers clients. Errors: invalid options, a
// failed start, do's error, and a member that did not stop.
func OnCluster(ctx context.Context, o cluster.Options, do func(c *cluster.Real) error) (err error) {
	c, err := cluster.New(o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	if err := c.Start(ctx); err != nil {
		return err
	}
	return do(c)
}

// WithClient is OnCluster with a client of all members. Start and do together may take as long as Enough.
func WithClient(ctx context.Context, o cluster.Options,
	do func(ctx context.Context, c *cluster.Real, cl *clientv3.Client) error) error {
	ctx, cancel := context.WithTimeout(ctx, Enough)
	defer cancel()
	return OnCluster(ctx, o, func(c *cluster.Real) error {
		cl, err := c.Client()
		if err != nil {
			return err
		}
		defer cl.Close()
		return do(ctx, c, cl)
	})
}

// What takes time in virtual time: about what it takes between machines of one data center with good disks.
const (
	virtualLink  = 500 * time.Microsecond // one way between members, and to a client
	virtualFsync = 2 * time.Millisecond
)

// WithVirtual is WithClient in virtual time: the same etcd servers, but in one process, without sockets. What takes
// seconds by etcd's timers takes none here, on any machine. For steps that show what etcd answers, and nothing of its
// processes, certificates or speed. do must not wait for anything outside of it.
func WithVirtual(ctx context.Context, o cluster.Options,
	do func(ctx context.Context, c *cluster.Real, cl *clientv3.Client) error) error {
	o.Virtual, o.ClientLink, o.Fsync = true, sim.Fixed(virtualLink), sim.Fixed(virtualFsync)
	o.Link = func(_, _ sim.MemberID) sim.LinkSpec { return sim.LinkSpec{Latency: sim.Fixed(virtualLink)} }
	return etcdsim.InVirtualTime(ctx, func(ctx context.Context, dir string) error {
		o.Dir = filepath.Join(dir, "cluster")
		return WithClient(ctx, o, do)
	})
}
