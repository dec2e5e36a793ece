// Package clientport is the address that a member's clients dial, kept for the cluster's life while
// the member behind it crashes, pauses and returns. It forwards bytes and inspects none of them.
package clientport

import (
	"errors"
	"net"
	"strconv"
	"sync"
	"time"
)

// ClientPort is shut at first: it accepts connections and resets them, as a host without a listener
// refuses them. Its methods are safe for concurrent use.
type ClientPort struct {
	ln   net.Listener
	work sync.WaitGroup

	mu      sync.Mutex
	gate    *sync.Cond // held has ended
	held    bool
	backend string // "host:port"; empty when shut
	conns   map[net.Conn]struct{}
}

// Listen opens a free port on the loopback interface. The error is the system's.
func Listen() (*ClientPort, error) { return ListenOn(0) }

// ListenOn opens the port of that number on the loopback interface, or a free one for 0. The error is
// the system's.
func ListenOn(number int) (*ClientPort, error) {
	ln, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(number)))
	if err != nil {
		return nil, err
	}
	p := &ClientPort{ln: ln, conns: map[net.Conn]struct{}{}}
	p.gate = sync.NewCond(&p.mu)
	p.work.Go(p.accept)
	return p, nil
}

// Number is the port's number.
func (p *ClientPort) Number() int { return p.ln.Addr().(*net.TCPAddr).Port }

// Addr is "host:port".
func (p *ClientPort) Addr() string { return p.ln.Addr().String() }

// Serve forwards new connections to addr ("host:port").
func (p *ClientPort) Serve(addr string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.backend = addr
}

// Shut ends all connections and refuses new ones. It does not wait.
func (p *ClientPort) Shut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.backend, p.held = "", false
	for c := range p.conns {
		c.Close()
	}
	p.gate.Broadcast()
}

// Hold holds back every byte, in both directions, until Release or Shut. Connections stay up and
// new ones are accepted, as by the kernel of a host whose process is stopped.
func (p *ClientPort) Hold() { p.hold(true) }

// Release lets go the bytes that Hold held back.
func (p *ClientPort) Release() { p.hold(false) }

func (p *ClientPort) hold(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = on
	p.gate.Broadcast()
}

// Close closes the port and waits for its goroutines.
func (p *ClientPort) Close() error {
	err := p.ln.Close()
	p.Shut()
	p.work.Wait()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

func (p *ClientPort) accept() {
	for {
		c, err := p.ln.Accept()
		if err != nil {
			return
		}
		p.work.Go(func() { p.serve(c) })
	}
}

func (p *ClientPort) serve(client net.Conn) {
	p.mu.Lock()
	addr := p.backend
	p.mu.Unlock()
	if addr == "" {
		reset(client)
		return
	}
	server, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		reset(client)
		return
	}
	if !p.keep(addr, client, server) {
		reset(client)
		server.Close()
		return
	}
	defer p.forget(client, server)
	var up sync.WaitGroup
	up.Go(func() { p.pipe(server, client) })
	p.pipe(client, server)
	up.Wait()
}

// reset ends a connection so that the other side sees a refusal, not a clean end.
func reset(c net.Conn) {
	if t, ok := c.(*net.TCPConn); ok {
		_ = t.SetLinger(0) // without it the end is only cleaner
	}
	c.Close()
}

// keep notes a pair of connections, unless the port was shut or moved since it was dialled.
func (p *ClientPort) keep(addr string, pair ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.backend != addr {
		return false
	}
	for _, c := range pair {
		p.conns[c] = struct{}{}
	}
	return true
}

func (p *ClientPort) forget(pair ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range pair {
		delete(p.conns, c)
	}
}

// pipe copies until from ends, and then ends both. When to has ended, the other pipe does that, after its
// last words: a server that refuses a certificate says so and hangs up while the client still talks.
func (p *ClientPort) pipe(to, from net.Conn) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		p.wait()
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			to.Close()
			from.Close()
			return
		}
	}
}

// wait returns when bytes may pass.
func (p *ClientPort) wait() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.held {
		p.gate.Wait()
	}
}
