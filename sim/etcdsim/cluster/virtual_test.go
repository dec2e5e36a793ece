package cluster_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"google.golang.org/grpc/codes"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

func TestWhatVirtualMembersReachIntoIsThere(t *testing.T) {
	if err := cluster.VirtualAvailable(); err != nil {
		t.Fatal(err)
	}
}

// inBubble runs f with three members in virtual time, and fails if anything of them is left.
func inBubble(t *testing.T, o cluster.Options, f func(t *testing.T, ctx context.Context, c *cluster.Real)) {
	t.Helper()
	o.Dir = filepath.Join(t.TempDir(), "cluster")
	o.Names, o.Later, o.Virtual = []string{"n1", "n2", "n3"}, []string{"n4"}, true
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		c, err := cluster.New(o)
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		}()
		if err := c.Start(ctx); err != nil {
			t.Fatal(err)
		}
		f(t, ctx, c)
	})
}

func link(_, _ sim.MemberID) sim.LinkSpec { return sim.LinkSpec{Latency: sim.Fixed(time.Millisecond)} }

// took is how long a put took in virtual time.
func took(t *testing.T, ctx context.Context, cl *clientv3.Client, key string) time.Duration {
	t.Helper()
	begin := time.Now()
	if _, err := cl.Put(ctx, key, "v"); err != nil {
		t.Fatal(err)
	}
	return time.Since(begin)
}

// A put takes what the laws of links and disks add up to, to the microsecond.
func TestVirtualPutTakesWhatTheLawsSay(t *testing.T) {
	o := cluster.Options{Seed: 1, Link: link, Fsync: sim.Fixed(2 * time.Millisecond),
		ClientLink: sim.Fixed(500 * time.Microsecond)}
	inBubble(t, o, func(t *testing.T, ctx context.Context, c *cluster.Real) {
		cl, err := c.Leader().Dial()
		if err != nil {
			t.Fatal(err)
		}
		defer cl.Close()
		took(t, ctx, cl, "k")
		// Both ways of the client, both of the message, and the follower's fsync; the leader's is over by then.
		want, least := 2*500*time.Microsecond+2*time.Millisecond+2*time.Millisecond, time.Hour
		for i := range 20 { // some meet a commit of the database
			least = min(least, took(t, ctx, cl, fmt.Sprint("k", i)))
		}
		if least != want {
			t.Errorf("the quickest put took %v, want %v", least, want)
		}
	})
}

// A linearizable get takes the way of its client and a round of heartbeats, from a follower also the way to
// the leader and back: nothing of it has to be on a disk.
func TestVirtualGetTakesNoDisk(t *testing.T) {
	const client, peers = 500 * time.Microsecond, time.Millisecond
	o := cluster.Options{Seed: 1, Link: link, Fsync: sim.Fixed(20 * time.Millisecond), ClientLink: sim.Fixed(client)}
	inBubble(t, o, func(t *testing.T, ctx context.Context, c *cluster.Real) {
		await(time.Minute) // until nothing is left to commit from the start
		lead := c.Leader()
		for m, want := range map[*cluster.Member]time.Duration{
			lead:                    2*client + 2*peers,
			c.Member(lead.ID%3 + 1): 2*client + 4*peers,
		} {
			cl, err := m.Dial()
			if err != nil {
				t.Fatal(err)
			}
			defer cl.Close()
			for i := range 20 {
				begin := time.Now()
				if _, err := cl.Get(ctx, "k"); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(begin); i > 0 && took != want { // the first one connects
					t.Errorf("get %d of %s took %v, want %v", i, m.Name, took, want)
				}
				await(10 * time.Millisecond)
			}
		}
	})
}

// A leader crashes, others elect another one, and it comes back with the same state on its own files.
func TestVirtualFailover(t *testing.T) {
	inBubble(t, cluster.Options{Seed: 2, Link: link, Fsync: sim.Fixed(time.Millisecond)},
		func(t *testing.T, ctx context.Context, c *cluster.Real) {
			was := c.Leader()
			was.Crash()
			for c.Leader() == nil || c.Leader() == was {
				await(10 * time.Millisecond)
			}
			cl, err := c.Client()
			if err != nil {
				t.Fatal(err)
			}
			defer cl.Close()
			took(t, ctx, cl, "after")
			if err := was.Start(); err != nil {
				t.Fatal(err)
			}
			if err := was.Ready(ctx); err != nil {
				t.Fatal(err)
			}
			equal(t, ctx, c)
		})
}

// A paused member does nothing until it goes on, and a cut one hears nothing until it is healed.
func TestVirtualPauseAndCut(t *testing.T) {
	inBubble(t, cluster.Options{Seed: 3, Link: link}, func(t *testing.T, ctx context.Context, c *cluster.Real) {
		lead := c.Leader()
		cl, err := lead.Dial()
		if err != nil {
			t.Fatal(err)
		}
		defer cl.Close()
		m := c.Member(lead.ID%3 + 1)
		for name, fault := range map[string][2]func(){
			"pause": {func() {
				if err := m.Pause(); err != nil {
					t.Fatal(err)
				}
			}, m.Resume},
			"cut": {func() { c.SetLink(lead.ID, m.ID, sim.LinkState{Cut: true}) },
				func() { c.SetLink(lead.ID, m.ID, sim.LinkState{}) }},
		} {
			fault[0]()
			synctest.Wait() // what it was about at this moment is done
			before, _ := m.Status()
			took(t, ctx, cl, name)
			await(500 * time.Millisecond)
			if after, _ := m.Status(); after.Applied != before.Applied {
				t.Errorf("%s: the member went on from %d to %d", name, before.Applied, after.Applied)
			}
			fault[1]()
			equal(t, ctx, c)
		}
	})
}

// A member that joins, and has heard nothing yet, keeps its clients waiting, as etcd does until it knows that it is a
// member; so does one whose files say nothing but who it is. A server that was asked sooner gave up ("failed to find
// local ID in cluster members").
func TestVirtualMemberThatJoinsKeepsItsClientsWaiting(t *testing.T) {
	inBubble(t, cluster.Options{Seed: 5, Link: link}, func(t *testing.T, ctx context.Context, c *cluster.Real) {
		cl, err := c.Leader().Dial()
		if err != nil {
			t.Fatal(err)
		}
		defer cl.Close()
		await(6 * time.Second) // etcd wants its members to have been connected for a while
		const n4 = 4
		if err := c.AddLearner(ctx, cl, n4); err != nil {
			t.Fatal(err)
		}
		cut := func(is bool) {
			for _, m := range c.Founders() {
				c.SetLink(m.ID, n4, sim.LinkState{Cut: is})
			}
		}
		cut(true)
		joins := c.Member(n4)
		for _, life := range []string{"first", "second"} {
			if err := joins.Start(); err != nil {
				t.Fatal(err)
			}
			if err := joins.Started(ctx); err != nil {
				t.Fatal(err)
			}
			its, err := joins.Dial()
			if err != nil {
				t.Fatal(err)
			}
			defer its.Close()
			ask := func() error {
				short, cancel := context.WithTimeout(ctx, 10*time.Second)
				defer cancel()
				_, err := its.Put(short, "k", "v")
				return err
			}
			if err := ask(); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("in its %s life the error is %v", life, err)
			}
			if !joins.Up() {
				t.Errorf("in its %s life it went down", life)
			}
			if life == "second" {
				cut(false)
				if err := ask(); cluster.Code(err) != codes.FailedPrecondition {
					t.Errorf("as a learner that has caught up it answers %v", err)
				}
				continue
			}
			joins.Crash()
		}
	})
}

// A member that hears nothing is removed: nobody tells it before its links are healed. Then the first peer that
// it sends something to does, and it stops.
func TestVirtualMemberLearnsThatItWasRemoved(t *testing.T) {
	inBubble(t, cluster.Options{Seed: 4, Link: link}, func(t *testing.T, ctx context.Context, c *cluster.Real) {
		lead := c.Leader()
		cl, err := lead.Dial()
		if err != nil {
			t.Fatal(err)
		}
		defer cl.Close()
		m := c.Member(lead.ID%3 + 1)
		cut := func(is bool) {
			for _, from := range c.Founders() {
				if from != m {
					c.SetLink(from.ID, m.ID, sim.LinkState{Cut: is})
				}
			}
		}
		cut(true)
		await(6 * time.Second) // etcd wants its peers to have been connected for five, and a cut connection counts
		if err := c.Remove(ctx, cl, m.ID); err != nil {
			t.Fatal(err)
		}
		await(20 * time.Second)
		if !m.Up() {
			t.Error("it stopped, and nobody could tell it why")
		}
		cut(false)
		await(5 * time.Second)
		if m.Up() {
			t.Error("it is still up")
		}
	})
}

// await lets virtual time pass.
func await(d time.Duration) { <-time.After(d) }

// equal waits until all members that are up have the same state.
func equal(t *testing.T, ctx context.Context, c *cluster.Real) {
	t.Helper()
	for ctx.Err() == nil {
		var hashes []cluster.Hash
		for _, m := range c.Members() {
			if m.Up() {
				h, err := m.Hash(ctx)
				if err != nil {
					t.Fatal(err)
				}
				hashes = append(hashes, h)
			}
		}
		same := true
		for _, h := range hashes {
			same = same && h == hashes[0]
		}
		if same {
			return
		}
		await(10 * time.Millisecond)
	}
	t.Error("the members never had the same state")
}
