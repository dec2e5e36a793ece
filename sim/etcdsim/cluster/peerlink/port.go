package peerlink

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// PeerPort owns the peer address that a member advertises. It is shut, open (the member may send, but
// does not listen yet) or serving.
type PeerPort struct {
	net    *Network
	member int
	as     Identity
	number int
	url    string
	server *http.Server
	client *http.Transport // with the member's own certificate
	work   sync.WaitGroup  // handlers, and the server's own goroutine

	mu      sync.Mutex
	closed  bool
	life    context.Context // ends when the port is shut; nil while it is
	end     context.CancelFunc
	backend string                  // where etcd listens; empty until it serves
	serving chan struct{}           // closed once backend is set
	clients map[int]*http.Transport // under TLS: with the certificates of the peers that asked
}

const loopback = "127.0.0.1"

func listen(n *Network, member int, as Identity, number int) (*PeerPort, error) {
	p := &PeerPort{net: n, member: member, as: as, clients: map[int]*http.Transport{}}
	var err error
	if p.client, err = as.transport(p.dial); err != nil {
		return nil, err
	}
	ln, err := net.Listen("tcp", net.JoinHostPort(loopback, strconv.Itoa(number)))
	if err != nil {
		return nil, err
	}
	p.number = ln.Addr().(*net.TCPAddr).Port
	p.url = as.scheme() + "://" + ln.Addr().String()
	if ln, err = as.wrap(ln); err != nil {
		return nil, err
	}
	p.server = server(p)
	p.work.Go(func() { _ = p.server.Serve(ln) }) // it ends with ErrServerClosed at close
	return p, nil
}

// Number is the port's number.
func (p *PeerPort) Number() int { return p.number }

// URL is the peer URL to advertise.
func (p *PeerPort) URL() string { return p.url }

// Open lets the member send to its peers while it starts.
func (p *PeerPort) Open() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.life != nil {
		return
	}
	p.life, p.end = context.WithCancel(context.Background())
	p.serving = make(chan struct{})
}

// Serve forwards requests to addr ("host:port") from now on. The port must be open.
func (p *PeerPort) Serve(addr string) {
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
func (p *PeerPort) Shut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.life == nil {
		return
	}
	p.end()
	p.life, p.backend = nil, ""
	p.closeIdle()
}

// closeIdle closes the connections to etcd that are not in use. Under the lock.
func (p *PeerPort) closeIdle() {
	p.client.CloseIdleConnections()
	for _, c := range p.clients {
		c.CloseIdleConnections()
	}
}

func (p *PeerPort) close() error {
	p.Shut()
	p.mu.Lock()
	p.closed = true // no handler starts work from here on
	p.mu.Unlock()
	err := p.server.Close()
	p.work.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closeIdle()
	return err
}

// state is the life of the port (nil when shut) and a channel that is closed once it serves.
func (p *PeerPort) state() (life context.Context, serving <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.life, p.serving
}

func (p *PeerPort) dial(ctx context.Context, _, _ string) (net.Conn, error) {
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

// ServeHTTP forwards one request of a peer, under the conditions of the links that it uses.
func (p *PeerPort) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !p.enter() {
		abort()
	}
	defer p.work.Done()
	from := p.sender(r)
	ctx, cancel := p.bind(r, from)
	defer cancel()
	out := p.forward(ctx, r)
	switch {
	case from != 0 && r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/raft/stream/"):
		p.stream(w, out, from)
	case from != 0 && r.Method == http.MethodPost && r.URL.Path == "/raft":
		p.post(w, out, from)
	case from != 0 && r.Method == http.MethodPost && r.URL.Path == "/raft/snapshot":
		p.snapshot(w, out, from)
	case p.blocked(from):
		abort()
	default:
		p.relay(w, out, from)
	}
}

// sender is the member that sent a request; 0 is nobody known. Under TLS each request comes with its
// sender's certificate. Without, raft's say who sent
// them, by the peer URL that it advertises, and those of a member that joins by its user name.
func (p *PeerPort) sender(r *http.Request) int {
	if p.as.secure() {
		return p.net.named(r.TLS.PeerCertificates[0].Subject.CommonName)
	}
	first, _, _ := strings.Cut(r.Header.Get("X-PeerURLs"), ",")
	if from := p.net.member(first); from != 0 {
		return from
	}
	user, _, _ := r.BasicAuth()
	return p.net.user(user)
}

// UserName is what a member's requests have as their user when the addresses that it was started with
// contain it, like http://member6@127.0.0.1:2380. It is no secret.
func UserName(member int) string { return fmt.Sprint("member", member) }

// blocked reports whether a request without a raft message cannot pass: it or its answer takes a link that
// is cut. One whose sender is not known could come from behind any.
func (p *PeerPort) blocked(from int) bool {
	if from == 0 {
		return p.net.leaks(p.member)
	}
	return p.net.Link(from, p.member).Condition().Cut || p.net.Link(p.member, from).Condition().Cut
}

func (p *PeerPort) enter() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.work.Add(1)
	return true
}

// bind ties a request to the lives of both members: it ends when either is shut.
func (p *PeerPort) bind(r *http.Request, from int) (context.Context, context.CancelFunc) {
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
func (p *PeerPort) tie(end func()) (untie func() bool) {
	life, _ := p.state()
	if life == nil {
		end()
		return func() bool { return true }
	}
	return context.AfterFunc(life, end)
}

func (p *PeerPort) forward(ctx context.Context, r *http.Request) *http.Request {
	out := r.Clone(ctx)
	out.RequestURI = ""
	out.Header.Del("Authorization") // of the port, see UserName
	out.URL.Scheme = p.as.scheme()
	out.URL.Host = r.Host
	return out
}

// send passes a request of a peer on to etcd, with the peer's own certificate.
func (p *PeerPort) send(out *http.Request, from int) (*http.Response, error) {
	c, err := p.inNameOf(from)
	if err != nil {
		return nil, err
	}
	return c.RoundTrip(out)
}

func (p *PeerPort) inNameOf(from int) (*http.Transport, error) {
	q := p.net.port(from)
	if !p.as.secure() || from == p.member {
		return p.client, nil
	}
	if q == nil {
		return nil, errors.New("no member has this certificate")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.clients[from]; c != nil {
		return c, nil
	}
	c, err := q.as.transport(p.dial)
	if err == nil {
		p.clients[from] = c
	}
	return c, err
}

// relay passes request and answer on as they are, each under the conditions of its link. Nobody knows the links
// of a sender who is not known.
func (p *PeerPort) relay(w http.ResponseWriter, out *http.Request, from int) {
	known := from != 0 && from != p.member
	if known && !p.net.cross(out.Context(), from, p.member, &out.Body) {
		abort()
	}
	resp, err := p.send(out, from)
	if err != nil {
		abort()
	}
	defer resp.Body.Close()
	if known && !p.net.cross(out.Context(), p.member, from, &resp.Body) {
		abort()
	}
	copyHead(w, resp)
	if _, err := io.Copy(w, resp.Body); err != nil {
		abort()
	}
}

// cross waits until what has no raft message has crossed a link, all of it. False: it is lost.
func (n *Network) cross(ctx context.Context, from, to int, what *io.ReadCloser) bool {
	all, err := io.ReadAll(*what)
	if err != nil {
		return false
	}
	if *what = http.NoBody; len(all) > 0 {
		*what = io.NopCloser(bytes.NewReader(all))
	}
	link := n.Link(from, to)
	due, lost := link.send(time.Now(), len(all))
	return lost == "" && link.wait(ctx, due) && !link.Condition().Cut
}

func copyHead(w http.ResponseWriter, resp *http.Response) {
	for k, v := range resp.Header {
		w.Header()[k] = v
	}
	w.WriteHeader(resp.StatusCode)
}
