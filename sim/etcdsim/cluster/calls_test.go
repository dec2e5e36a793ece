package cluster

import (
	"context"
	"sync"
	"testing"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
)

// A member dies among calls that read its database, which etcd closes under them. They must end
// without taking the test's process, all members' process, along.
func TestMemberDiesAmongItsCalls(t *testing.T) {
	c := start(t, 1)
	m := c.Members()[0]
	put(t, m, "k", "v")
	for range 5 {
		ctx, cancel := context.WithCancel(contextFor(t))
		var all, seen sync.WaitGroup
		for range 4 {
			cl := dial(t, m)
			calls := []func() error{
				func() error { _, err := cl.Status(ctx, m.ClientURL()); return err },
				func() error { _, err := cl.Get(ctx, "k", clientv3.WithSerializable()); return err },
				func() error { _, err := cl.HashKV(ctx, m.ClientURL(), 0); return err },
				func() error { _, err := cl.Put(ctx, "k", "v"); return err },
			}
			for _, call := range calls {
				seen.Add(1)
				all.Go(func() {
					first := sync.OnceFunc(seen.Done)
					for ctx.Err() == nil {
						if call() == nil {
							first()
						}
					}
					first()
				})
			}
		}
		seen.Wait()
		m.Crash()
		cancel()
		all.Wait()
		if err := m.Start(); err != nil {
			t.Fatal(err)
		}
		if err := m.Ready(contextFor(t)); err != nil {
			t.Fatal(err)
		}
		if v := get(t, m, "k"); v != "v" {
			t.Fatalf("%q is there, not what was written", v)
		}
	}
}

func TestCallsOfAServerThatGoesDown(t *testing.T) {
	stopping := make(chan struct{})
	c := newCalls(func() <-chan struct{} { return stopping })
	panics := func(context.Context) error { panic("the database is closed") }
	func() {
		defer func() {
			if recover() == nil {
				t.Error("a panic of a server that is up is swallowed")
			}
		}()
		_ = c.run(t.Context(), panics)
	}()
	begun, ended := make(chan struct{}), make(chan error)
	go func() {
		ended <- c.run(t.Context(), func(ctx context.Context) error {
			close(begun)
			<-ctx.Done()
			return ctx.Err()
		})
	}()
	<-begun
	close(stopping)
	if err := c.run(t.Context(), panics); err != rpctypes.ErrGRPCStopped {
		t.Errorf("a call that etcd's end breaks is told %v", err)
	}
	closed := make(chan struct{})
	go func() {
		c.close()
		close(closed)
	}()
	if err := <-ended; err != rpctypes.ErrGRPCStopped {
		t.Errorf("a call under way is told %v", err)
	}
	<-closed
	if err := c.run(t.Context(), panics); err != rpctypes.ErrGRPCStopped {
		t.Errorf("a late call is told %v", err)
	}
}
