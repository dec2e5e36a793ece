package peerlink

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Port owns the peer address that a member advertises. It is shut, open (the member may speak, but
// does not listen yet) or serving.
type Port struct {
	net    *Network
	member int
	url    string
	server *http.Server
	client *http.Transport
	work   sync.WaitGroup // handlers, and the server's own goroutine

	mu      sync.Mutex
	closed  bool
	life    context.Context // ends when the port is shut; nil while it is
	end     context.CancelFunc
	backend string        // where etcd listens; empty until it serves
	serving chan struct{} // closed once backend is set
}

func listen(n *Network, member int) (*Port, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Port{net: n, member: member, url: "http://" + ln.Addr().String()}
	p.client = &http.Transport{
		DialContext:         p.dial,
		MaxIdleConnsPerHost: 8,
		IdleConnTimeout:     3 * time.Second, // below etcd's 5 s of read timeout
		DisableCompression:  true,
	}
	p.server = &http.Server{Handler: p, ErrorLog: log.New(io.Discard, "", 0)}
	p.work.Go(func() { _ = p.server.Serve(ln) }) // it ends with ErrServerClosed at close
	return p, nil
}

// URL is the peer URL to advertise.
func (p *Port) URL() string { return p.url }

// Open lets the member speak to its peers while it starts.
func (p *Port) Open() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.life != nil {
		return
	}
	p.life, p.end = context.WithCancel(context.Background())
	p.serving = make(chan struct{})
}

// Serve passes requests on to addr ("host:port") from now on. The port must be open.
func (p *Port) Serve(addr string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.life == nil || p.backend != "" {
		return
	}
	p.backend = addr
	close(p.serving)
}

// Shut cuts the member off: connections end in both directions and new ones are refused. It does
// not wait, so it may be called from anywhere.
func (p *Port) Shut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.life == nil {
		return
	}
	p.end()
	p.life, p.backend = nil, ""
	p.client.CloseIdleConnections()
}

func (p *Port) close() error {
	p.Shut()
	p.mu.Lock()
	p.closed = true // no handler starts work from here on
	p.mu.Unlock()
	err := p.server.Close()
	p.work.Wait()
	p.client.CloseIdleConnections()
	return err
}

// state is the life of the port (nil when shut) and a channel that is closed once it serves.
func (p *Port) state() (life context.Context, serving <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.life, p.serving
}

func (p *Port) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	p.mu.Lock()
	addr := p.backend
	p.mu.Unlock()
	if addr == "" {
		return nil, errors.New("member is down")
	}
	d := net.Dialer{Timeout: time.Second}
	return d.DialContext(ctx, "tcp", addr)
}

// abort ends the connection of the request under way, as a dead host would.
func abort() { panic(http.ErrAbortHandler) }

// ServeHTTP passes one request of a peer on, under the conditions of the links that it uses.
func (p *Port) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !p.enter() {
		abort()
	}
	defer p.work.Done()
	from := p.net.member(sender(r))
	ctx, cancel := p.bind(r, from)
	defer cancel()
	out := p.forward(ctx, r)
	isRaft := strings.HasPrefix(r.URL.Path, "/raft")
	switch {
	case from != 0 && r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/raft/stream/"):
		p.stream(w, out, from)
	case from != 0 && r.Method == http.MethodPost && r.URL.Path == "/raft":
		p.post(w, out, from)
	case from != 0 && r.Method == http.MethodPost && r.URL.Path == "/raft/snapshot":
		p.snapshot(w, out, from)
	case !isRaft && p.net.leaks(p.member):
		abort()
	default:
		p.relay(w, out)
	}
}

// sender is the peer URL that the sender of a raft request advertises.
func sender(r *http.Request) string {
	first, _, _ := strings.Cut(r.Header.Get("X-PeerURLs"), ",")
	return first
}

func (p *Port) enter() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.work.Add(1)
	return true
}

// bind ties a request to the lives of both members: it ends when either is shut.
func (p *Port) bind(r *http.Request, from int) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(r.Context())
	untie := func() bool { return true }
	if q := p.net.port(from); q != nil { // nil: a sender that is not known
		untie = q.tie(cancel)
	}
	untieOwn := p.tie(cancel)
	return ctx, func() {
		untie()
		untieOwn()
		cancel()
	}
}

// tie calls end when the port is shut, at once if it is. The function returned undoes it.
func (p *Port) tie(end func()) (untie func() bool) {
	life, _ := p.state()
	if life == nil {
		end()
		return func() bool { return true }
	}
	return context.AfterFunc(life, end)
}

func (p *Port) forward(ctx context.Context, r *http.Request) *http.Request {
	out := r.Clone(ctx)
	out.RequestURI = ""
	out.URL.Scheme = "http"
	out.URL.Host = r.Host
	return out
}

// relay passes request and answer on as they are.
func (p *Port) relay(w http.ResponseWriter, out *http.Request) {
	resp, err := p.client.RoundTrip(out)
	if err != nil {
		abort()
	}
	defer resp.Body.Close()
	copyHead(w, resp)
	if _, err := io.Copy(w, resp.Body); err != nil {
		abort()
	}
}

func copyHead(w http.ResponseWriter, resp *http.Response) {
	for k, v := range resp.Header {
		w.Header()[k] = v
	}
	w.WriteHeader(resp.StatusCode)
}
