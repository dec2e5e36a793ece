package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"

	"quorumlab/plots/page"
	"quorumlab/plots/page/live"
	"quorumlab/sim/sandbox"
)

// livePage is the page of a sandbox, which is served from when somebody asks for it.
type livePage struct {
	port int // 0: a free one

	mu      sync.Mutex
	sandbox *sandbox.Sandbox
	served  string // its address, with the token; empty: it is not served yet
	server  *http.Server
	done    chan struct{} // closed when the server has ended
	closed  bool
}

// of says which sandbox it shows.
func (p *livePage) of(b *sandbox.Sandbox) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sandbox = b
}

// address serves the page, if it is not yet, and returns its address. The token is behind the #, so that browsers
// send it to nobody; the page has it from there.
func (p *livePage) address() (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.served != "":
		return p.served, nil
	case p.sandbox == nil || p.closed:
		return "", errors.New("the sandbox is not running")
	}
	s := live.New(p.sandbox, version)
	files, err := (&page.Site{Live: p.sandbox.Name()}).Files()
	if err != nil {
		return "", err
	}
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(p.port)))
	if err != nil {
		return "", fmt.Errorf("the page can't be served: %w", err)
	}
	p.server = pageServer(page.Handler(files, nil, page.Below{Path: page.LivePath, Handler: s}))
	p.done = make(chan struct{})
	go func() {
		defer close(p.done)
		_ = p.server.Serve(l) // until close
	}()
	p.served = fmt.Sprintf("http://%s/%s#token=%s", l.Addr(), page.LivePath, s.Token)
	return p.served, nil
}

// close ends the server and its connections.
func (p *livePage) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	if p.server == nil {
		return nil
	}
	err := p.server.Close()
	<-p.done
	return err
}

// runningPages are the addresses of the pages of the user's sandboxes that are up, by name.
func runningPages(ctx context.Context) (list []string) {
	for _, name := range sandbox.Running() {
		c, err := sandbox.Dial(name)
		if err != nil {
			continue // it has ended
		}
		r, err := c.Do(ctx, "page", false)
		c.Close()
		if err == nil && r.Text != "" {
			list = append(list, fmt.Sprintf("%s is running: %s", name, r.Text))
		}
	}
	return list
}
