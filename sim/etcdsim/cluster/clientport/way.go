package clientport

import (
	"context"
	"net"
	"sync"
	"time"

	"quorumlab/sim/etcdsim/cluster/apart"
)

// Way is a client's way to a member, of which either direction can be cut or slow. It is around a connection, as TCP
// is: what a cut holds back arrives when it is over, and nobody hears of the end of a connection behind one. It waits
// for nothing but channels and timers, so it works in a synctest bubble. Its methods are
// safe for concurrent use.
type Way struct {
	mu      sync.Mutex
	changed chan struct{} // closed when a direction changes; nil: nobody waits
	sides   [2]side
	slots   [2]apart.Slot
	work    sync.WaitGroup
	over    chan struct{} // closed by End
}

// side is one direction of a way.
type side struct {
	cut   bool
	delay func() time.Duration // nil: none
}

// The directions.
const (
	toMember = iota
	toClient
)

// NewWay makes one that is whole, of the client and the member with these numbers.
func NewWay(client, member int) *Way {
	return &Way{over: make(chan struct{}), slots: [2]apart.Slot{
		toMember: apart.Of(apart.WayUp, client, member), toClient: apart.Of(apart.WayDown, client, member)}}
}

// Set changes a direction: to the member, or back. delay draws what bytes take longer; nil is nothing.
func (w *Way) Set(out, cut bool, delay func() time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sides[direction(out)] = side{cut, delay}
	w.ring()
}

func direction(out bool) int {
	if out {
		return toMember
	}
	return toClient
}

// End ends all connections, with what is still on its way, and waits for them. No more can be made after it.
func (w *Way) End() {
	w.mu.Lock()
	close(w.over)
	w.mu.Unlock()
	w.work.Wait()
}

// ring wakes those who wait. Under the lock.
func (w *Way) ring() {
	if w.changed != nil {
		close(w.changed)
		w.changed = nil
	}
}

// look is whether a direction is cut, and what is closed when that changes.
func (w *Way) look(dir int) (cut bool, changed <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.changed == nil {
		w.changed = make(chan struct{})
	}
	return w.sides[dir].cut, w.changed
}

// late draws a direction's delay.
func (w *Way) late(dir int) func(time.Time) time.Duration {
	return func(time.Time) time.Duration {
		w.mu.Lock()
		defer w.mu.Unlock()
		if d := w.sides[dir].delay; d != nil {
			return max(0, d())
		}
		return 0
	}
}

// open waits until a direction is not cut.
func (w *Way) open(ctx context.Context, dir int) error {
	for {
		cut, changed := w.look(dir)
		if !cut {
			return nil
		}
		select {
		case <-changed:
		case <-w.over:
			return net.ErrClosed
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Dial connects over the way: not before both directions are whole. remote is the address that the connection says it
// leads to. Errors: those of dial, and ctx's.
func (w *Way) Dial(ctx context.Context, remote net.Addr,
	dial func(context.Context) (net.Conn, error)) (net.Conn, error) {
	for dir := range w.sides {
		if err := w.open(ctx, dir); err != nil {
			return nil, err
		}
	}
	inner, err := dial(ctx)
	if err != nil {
		return nil, err
	}
	c := &wayConn{Conn: inner, way: w, remote: remote, over: make(chan struct{})}
	c.out, c.in = newLane(w.slots[toMember]), newLane(w.slots[toClient])
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case <-w.over:
		inner.Close()
		return nil, net.ErrClosed
	default:
		w.work.Go(c.send)
		w.work.Go(c.receive)
	}
	return c, nil
}

// wayConn is a connection over a way.
type wayConn struct {
	net.Conn
	way     *Way
	remote  net.Addr
	out, in *lane
	once    sync.Once
	over    chan struct{} // closed by Close

	mu     sync.Mutex
	failed error // of a write
}

func (c *wayConn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline and the like do nothing: gRPC's clients end a connection that takes too long.
func (c *wayConn) SetDeadline(time.Time) error      { return nil }
func (c *wayConn) SetReadDeadline(time.Time) error  { return nil }
func (c *wayConn) SetWriteDeadline(time.Time) error { return nil }

func (c *wayConn) Write(p []byte) (int, error) {
	c.mu.Lock()
	err := c.failed
	c.mu.Unlock()
	if err == nil {
		err = c.out.write(p, c.way.late(toMember))
	}
	if err != nil {
		return 0, err
	}
	return len(p), nil
}

// send takes to the member what the client has written, and at last that it has closed the connection.
func (c *wayConn) send() {
	defer c.Conn.Close()
	defer c.in.close()
	for buf := make([]byte, 32<<10); ; {
		n, next, err := c.out.read(buf)
		if n == 0 && err == nil {
			if !c.out.awaitOr(next, c.way.over) {
				return
			}
			continue
		}
		if c.way.open(context.Background(), toMember) != nil || err != nil {
			return
		}
		if _, err := c.Conn.Write(buf[:n]); err != nil {
			c.mu.Lock()
			c.failed = err
			c.mu.Unlock()
			return
		}
	}
}

// awaitOr is await, unless over is closed: false.
func (l *lane) awaitOr(at time.Time, over <-chan struct{}) bool {
	var due <-chan time.Time
	if !at.IsZero() {
		t := time.NewTimer(time.Until(at))
		defer t.Stop()
		due = t.C
	}
	select {
	case <-l.bell:
	case <-due:
	case <-over:
		return false
	}
	return true
}

// receive takes what comes from the member, until the connection ends.
func (c *wayConn) receive() {
	defer c.in.close()
	for buf := make([]byte, 32<<10); ; {
		n, err := c.Conn.Read(buf)
		if n > 0 && c.in.write(buf[:n], c.way.late(toClient)) != nil {
			return
		}
		if err != nil {
			return
		}
	}
}

func (c *wayConn) Read(p []byte) (int, error) {
	for len(p) > 0 {
		cut, changed := c.way.look(toClient)
		if cut {
			select {
			case <-changed:
				continue
			case <-c.way.over:
				return 0, net.ErrClosed
			case <-c.over:
				return 0, net.ErrClosed
			}
		}
		n, next, err := c.in.read(p)
		if n > 0 || err != nil {
			return n, err
		}
		select {
		case <-c.over:
			return 0, net.ErrClosed
		default:
			c.in.await(next)
		}
	}
	return 0, nil
}

// Close ends the client's side at once, and the member hears of it when the way lets it.
func (c *wayConn) Close() error {
	c.once.Do(func() {
		close(c.over)
		c.out.close()
		c.in.close()
	})
	return nil
}
