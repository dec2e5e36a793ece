package cluster

import (
	"context"
	"errors"
	"testing"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
)

// A member that dies ends its clients' calls while etcd's database is still open.
func TestCrashEndsCallsBeforeEtcd(t *testing.T) {
	m := start(t, 1).Members()[0]
	put(t, m, "k", "v")
	srv := m.current().proc.(*embedded).srv
	begun, open := make(chan struct{}), make(chan bool)
	go func() {
		_ = srv.calls.run(t.Context(), func(ctx context.Context) error {
			close(begun)
			<-ctx.Done()
			select {
			case <-srv.stopping():
				open <- false
			default:
				open <- true
			}
			return ctx.Err()
		})
	}()
	<-begun
	m.Crash()
	if !<-open {
		t.Error("etcd was going down before the call that was under way ended")
	}
}

// Unary calls and streams of etcd's own server come through the gate.
func TestCallsComeThroughTheGate(t *testing.T) {
	m := start(t, 1).Members()[0]
	put(t, m, "k", "v")
	api := pb.NewMaintenanceClient(dial(t, m).ActiveConnection())
	m.current().proc.(*embedded).srv.calls.close()
	if _, err := api.Status(contextFor(t), &pb.StatusRequest{}); !errors.Is(rpctypes.Error(err), rpctypes.ErrStopped) {
		t.Errorf("a call at a closed gate is told %v", err)
	}
	s, err := api.Snapshot(contextFor(t), &pb.SnapshotRequest{})
	if err == nil {
		_, err = s.Recv()
	}
	if !errors.Is(rpctypes.Error(err), rpctypes.ErrStopped) {
		t.Errorf("a stream at a closed gate is told %v", err)
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
