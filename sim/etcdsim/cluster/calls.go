package cluster

import (
	"context"
	"runtime/debug"
	"sync"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	"google.golang.org/grpc"
)

// calls are what clients have under way at a server. etcd closes its database on the way down without
// a look at them, and a call that reads it then panics. In a process of its own nobody would notice.
// Here every member would die of it, and whoever runs them.
type calls struct {
	mu    sync.Mutex
	over  context.Context // done when no call may begin, and those under way end
	end   context.CancelFunc
	count sync.WaitGroup // begun, under mu, before over

	// stopping is closed when etcd goes down by itself, which nobody announces; nil before it has started.
	stopping func() <-chan struct{}
}

func newCalls(stopping func() <-chan struct{}) *calls {
	c := &calls{stopping: stopping}
	c.over, c.end = context.WithCancel(context.Background())
	return c
}

// callsEnd is how long close waits. Calls end with their context, so this is for one that does not look at it.
const callsEnd = 10 * time.Second

// close refuses calls from now on, ends those under way and waits for their end.
func (c *calls) close() {
	c.mu.Lock()
	c.end()
	c.mu.Unlock()
	done := make(chan struct{})
	go func() {
		c.count.Wait()
		close(done)
	}()
	limit := time.NewTimer(callsEnd)
	defer limit.Stop()
	select {
	case <-done:
	case <-limit.C:
	}
}

// options are what etcd's gRPC server needs for calls to be known here.
func (c *calls) options() []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.ChainUnaryInterceptor(
			func(ctx context.Context, q any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (r any, err error) {
				err = c.run(ctx, func(ctx context.Context) (err error) {
					r, err = handle(ctx, q)
					return err
				})
				return r, err
			}),
		grpc.ChainStreamInterceptor(
			func(srv any, s grpc.ServerStream, _ *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
				return c.run(s.Context(), func(ctx context.Context) error { return handle(srv, streamCall{s, ctx}) })
			}),
	}
}

// streamCall is a stream that ends with a context of ours.
type streamCall struct {
	grpc.ServerStream
	ctx context.Context
}

func (s streamCall) Context() context.Context { return s.ctx }

// run carries out a call. One that is refused, or that the end of the server breaks off, gets etcd's own
// answer for that.
func (c *calls) run(ctx context.Context, call func(context.Context) error) (err error) {
	c.mu.Lock()
	if c.over.Err() != nil {
		c.mu.Unlock()
		return rpctypes.ErrGRPCStopped
	}
	c.count.Add(1)
	c.mu.Unlock()
	defer c.count.Done()

	own, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(c.over, cancel)()

	// Pages of a database that is closed are mapped no more: a read of one is a fault, not a panic.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			if !c.down() {
				panic(p)
			}
			err = rpctypes.ErrGRPCStopped
		}
	}()
	err = call(own)
	if err != nil && ctx.Err() == nil && own.Err() != nil {
		return rpctypes.ErrGRPCStopped
	}
	return err
}

// down reports whether the server is on its way down.
func (c *calls) down() bool {
	if c.over.Err() != nil {
		return true
	}
	select {
	case <-c.stopping(): // a nil channel before the start
		return true
	default:
		return false
	}
}
