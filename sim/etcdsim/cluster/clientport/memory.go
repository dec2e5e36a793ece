package clientport

import (
	"context"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"quorumlab/sim/etcdsim/cluster/apart"
)

// ClientMemory is the address that a member's clients dial without a network: what a ClientPort is for
// members that listen. Bytes take the time that its delay says. It waits for nothing but channels and
// timers, so it works in a synctest bubble. It is shut at first, and its methods are safe for concurrent
// use.
type ClientMemory struct {
	addr     string
	delay    WireDelay
	up, down apart.Slot

	mu    sync.Mutex
	ln    *listener // of the member that serves; nil when shut
	gate  gate
	wires map[*wire]struct{}
}

// WireDelay draws what the bytes take that leave at a moment, up to a member or down from it.
type WireDelay func(at time.Time, up bool) time.Duration

// Memory makes the port of a member. addr is its name; nil is no delay.
func Memory(addr string, member int, delay WireDelay) *ClientMemory {
	if delay == nil {
		delay = func(time.Time, bool) time.Duration { return 0 }
	}
	return &ClientMemory{addr: addr, delay: delay, wires: map[*wire]struct{}{},
		up: apart.Of(apart.Up, member, 0), down: apart.Of(apart.Down, member, 0)}
}

// Number is 0: there is no TCP port.
func (p *ClientMemory) Number() int { return 0 }

// Addr is the port's name.
func (p *ClientMemory) Addr() string { return p.addr }

// Serve does nothing: a member serves from Listen on.
func (p *ClientMemory) Serve(string) {}

// Listen is where a member accepts its clients until Shut.
func (p *ClientMemory) Listen() net.Listener {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ln = &listener{addr: p.addr, conns: make(chan net.Conn), done: make(chan struct{})}
	return p.ln
}

// Dial connects a client. Errors: the connection is refused, and ctx's.
func (p *ClientMemory) Dial(ctx context.Context) (net.Conn, error) {
	p.mu.Lock()
	ln := p.ln
	p.mu.Unlock()
	if ln == nil {
		return nil, refused(p.addr)
	}
	client, server := p.pair()
	if !p.keep(ln, client, server) {
		return nil, refused(p.addr)
	}
	select {
	case ln.conns <- server:
		return client, nil
	case <-ln.done:
		client.end()
		return nil, refused(p.addr)
	case <-ctx.Done():
		client.end()
		return nil, ctx.Err()
	}
}

func refused(addr string) error {
	no := os.NewSyscallError("connect", syscall.ECONNREFUSED)
	return &net.OpError{Op: "dial", Net: "memory", Addr: name(addr), Err: no}
}

// pair makes the two ends of a connection.
func (p *ClientMemory) pair() (client, server *wire) {
	up, down := newLane(p.up), newLane(p.down)
	return &wire{port: p, up: true, in: down, out: up, over: make(chan struct{})},
		&wire{port: p, in: up, out: down, over: make(chan struct{})}
}

// keep notes a connection, unless the port was shut meanwhile.
func (p *ClientMemory) keep(ln *listener, pair ...*wire) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ln != ln {
		return false
	}
	for _, w := range pair {
		p.wires[w] = struct{}{}
	}
	return true
}

func (p *ClientMemory) forget(w *wire) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.wires, w)
}

// Shut ends all connections and refuses new ones. It does not wait.
func (p *ClientMemory) Shut() {
	p.mu.Lock()
	ln, wires := p.ln, p.wires
	p.ln, p.wires = nil, map[*wire]struct{}{}
	p.mu.Unlock()
	p.gate.hold(false)
	if ln != nil {
		ln.Close()
	}
	for w := range wires {
		w.end()
	}
}

// Hold holds back every byte, in both directions, until Release or Shut.
func (p *ClientMemory) Hold() { p.gate.hold(true) }

// Release lets go the bytes that Hold held back.
func (p *ClientMemory) Release() { p.gate.hold(false) }

// Close is Shut.
func (p *ClientMemory) Close() error {
	p.Shut()
	return nil
}

// gate lets bytes pass, or not.
type gate struct {
	mu     sync.Mutex
	opened chan struct{} // closed at the end of a hold; nil: it is open
}

func (g *gate) hold(on bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case on && g.opened == nil:
		g.opened = make(chan struct{})
	case !on && g.opened != nil:
		close(g.opened)
		g.opened = nil
	}
}

// shut is closed when bytes may pass; nil: they may.
func (g *gate) shut() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.opened
}

// listener hands connections to a member's server.
type listener struct {
	addr  string
	conns chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *listener) Addr() net.Addr { return name(l.addr) }

// name is an address in memory.
type name string

func (n name) Network() string { return "memory" }
func (n name) String() string  { return string(n) }

// lane is one direction of a connection.
type lane struct {
	source apart.Slot

	mu     sync.Mutex
	pieces []piece
	wrote  time.Time // the newest piece
	last   time.Time // when it is due: none overtakes another
	closed bool
	bell   chan struct{} // rings once when something has changed
}

// piece is bytes on their way.
type piece struct {
	due  time.Time
	data []byte
}

func newLane(s apart.Slot) *lane { return &lane{source: s, bell: make(chan struct{}, 1)} }

func (l *lane) ring() {
	select {
	case l.bell <- struct{}{}:
	default:
	}
}

func (l *lane) close() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.ring()
}

// write takes bytes on their way. What is written at one instant arrives at one, in however many pieces.
func (l *lane) write(data []byte, delay func(at time.Time) time.Duration) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return io.ErrClosedPipe
	}
	if now := time.Now(); !now.Equal(l.wrote) {
		due := now.Add(delay(now))
		if !due.After(l.last) {
			due = l.last.Add(1)
		}
		l.wrote, l.last = now, l.source.After(due)
	}
	l.pieces = append(l.pieces, piece{l.last, append([]byte(nil), data...)})
	l.ring()
	return nil
}

// read takes what has arrived. It tells when to look again if that is nothing: at next, or when the bell
// rings if next is zero.
func (l *lane) read(p []byte) (n int, next time.Time, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case len(l.pieces) == 0 && l.closed:
		return 0, next, io.EOF
	case len(l.pieces) == 0:
		return 0, next, nil
	case l.pieces[0].due.After(time.Now()):
		return 0, l.pieces[0].due, nil
	}
	first := &l.pieces[0]
	n = copy(p, first.data)
	if first.data = first.data[n:]; len(first.data) == 0 {
		l.pieces = l.pieces[1:]
	}
	return n, next, nil
}

// wire is one end of a connection. Its writes never wait, and so have no deadline.
type wire struct {
	port    *ClientMemory
	up      bool // the client's
	in, out *lane
	shut    sync.Once
	over    chan struct{} // closed by Close, even while the port is held

	mu       sync.Mutex
	deadline time.Time // of reads; zero: none
}

var _ net.Conn = (*wire)(nil)

func (w *wire) Write(p []byte) (int, error) {
	delay := func(at time.Time) time.Duration { return max(0, w.port.delay(at, w.up)) }
	if err := w.out.write(p, delay); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (w *wire) Read(p []byte) (int, error) {
	for len(p) > 0 {
		if opened := w.port.gate.shut(); opened != nil {
			select {
			case <-opened:
				continue
			case <-w.over:
				return 0, net.ErrClosed
			}
		}
		n, next, err := w.in.read(p)
		if n > 0 || err != nil {
			return n, err
		}
		if end := w.readDeadline(); !end.IsZero() {
			if !end.After(time.Now()) {
				return 0, os.ErrDeadlineExceeded
			}
			if next.IsZero() || end.Before(next) {
				next = end
			}
		}
		w.in.await(next)
	}
	return 0, nil
}

// await returns when the bell rings, or at a time unless that is zero.
func (l *lane) await(at time.Time) {
	if at.IsZero() {
		<-l.bell
		return
	}
	t := time.NewTimer(time.Until(at))
	defer t.Stop()
	select {
	case <-l.bell:
	case <-t.C:
	}
}

func (w *wire) readDeadline() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.deadline
}

// end ends both directions.
func (w *wire) end() {
	w.in.close()
	w.out.close()
}

func (w *wire) Close() error {
	w.shut.Do(func() { close(w.over) })
	w.port.forget(w)
	w.end()
	return nil
}

func (w *wire) LocalAddr() net.Addr              { return name(w.port.addr) }
func (w *wire) RemoteAddr() net.Addr             { return name(w.port.addr) }
func (w *wire) SetWriteDeadline(time.Time) error { return nil }
func (w *wire) SetDeadline(t time.Time) error    { return w.SetReadDeadline(t) }

func (w *wire) SetReadDeadline(t time.Time) error {
	w.mu.Lock()
	w.deadline = t
	w.mu.Unlock()
	w.in.ring()
	return nil
}
