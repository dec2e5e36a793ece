package peerlink

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"path"
	"time"

	"go.etcd.io/etcd/client/pkg/v3/types"
)

// queueLength is how many frames may be on their way on one stream, as many as etcd's own buffer.
// When it is full the sender's TCP window closes.
const queueLength = 4096

// stream answers the GET by which a peer asks for this member's messages.
func (p *PeerPort) stream(w http.ResponseWriter, out *http.Request, peer int) {
	link := p.net.Link(p.member, peer)
	if p.blocked(peer) { // no connection comes about; etcd tries again ten times a second
		abort()
	}
	if !p.ready(out.Context()) || !link.wait(out.Context(), time.Time{}) {
		abort()
	}
	resp, err := p.send(out, peer)
	if err != nil {
		abort()
	}
	defer resp.Body.Close()
	copyHead(w, resp)
	if resp.StatusCode != http.StatusOK {
		_, _ = io.Copy(w, resp.Body) // the reason in words; a lost connection says as much
		return
	}
	c, err := p.codec(out, peer)
	if err != nil {
		abort()
	}
	s := streaming{
		net: p.net, link: link, codec: c,
		in: bufio.NewReaderSize(resp.Body, 64<<10), out: bufio.NewWriterSize(w, 64<<10),
		flush: http.NewResponseController(w).Flush, queue: make(chan flight, queueLength),
	}
	s.run(out.Context(), resp.Body)
}

// ready waits until the member listens. Without the wait a member that starts a little later than
// its peers would get its streams only at their next try, 100 ms later.
func (p *PeerPort) ready(ctx context.Context) bool {
	_, serving := p.state()
	select {
	case <-serving:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

func (p *PeerPort) codec(r *http.Request, peer int) (codec, error) {
	kind, to := path.Base(path.Dir(r.URL.Path)), path.Base(r.URL.Path)
	switch kind {
	case "message":
		return messageCodec{from: p.member, to: peer}, nil
	case "msgapp":
		toID, err := types.IDFromString(to)
		if err != nil {
			return nil, err
		}
		fromID, err := types.IDFromString(r.Header.Get("X-Raft-To"))
		if err != nil {
			return nil, err
		}
		return &appendCodec{from: p.member, to: peer, fromID: uint64(fromID), toID: uint64(toID)}, nil
	}
	return nil, fmt.Errorf("unknown stream %q", kind)
}

// streaming is one stream under way.
type streaming struct {
	net   *Network
	link  *Link
	codec codec
	in    *bufio.Reader
	out   *bufio.Writer
	flush func() error
	queue chan flight
}

// A flight is a frame on its way.
type flight struct {
	frame
	due time.Time
}

// run ends when either side or ctx does. What is then in flight is lost.
func (s *streaming) run(ctx context.Context, body io.Closer) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ctx, func() { body.Close() })() // a read does not see ctx
	_ = s.flush()                                           // the head: the peer waits for it
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(s.queue)
		s.take(ctx)
	}()
	s.give(ctx)
	cancel()
	for f := range s.queue {
		s.drop(f.frame, LostDown)
	}
	<-done
}

// take reads frames and queues those that the link does not lose.
func (s *streaming) take(ctx context.Context) {
	for {
		f, err := s.codec.read(s.in)
		if err != nil || ctx.Err() != nil {
			return // what a dead member still says is not sent
		}
		if f.beat {
			err = s.put(ctx, flight{f, time.Now()})
		} else {
			err = s.send(ctx, f)
		}
		if err != nil {
			return
		}
	}
}

// send puts a message on its way, or loses it.
func (s *streaming) send(ctx context.Context, f frame) error {
	f.msg = s.net.sent(f.msg)
	due, lost := s.link.send(time.Now(), len(f.raw))
	if lost != "" {
		s.drop(f, lost)
		return nil
	}
	return s.put(ctx, flight{f, due})
}

func (s *streaming) put(ctx context.Context, f flight) error {
	select {
	case s.queue <- f:
		return nil
	case <-ctx.Done():
		s.drop(f.frame, LostDown)
		return ctx.Err()
	}
}

// give writes frames when they are due, in order.
func (s *streaming) give(ctx context.Context) {
	for f := range s.queue {
		if !s.wait(ctx, f.due) {
			s.drop(f.frame, LostDown)
			return
		}
		if !f.beat && s.link.Condition().Cut {
			s.drop(f.frame, LostByCut)
			continue
		}
		if err := s.codec.write(s.out, f.frame); err != nil {
			s.drop(f.frame, LostDown)
			return
		}
		if len(s.queue) == 0 && !s.push() {
			s.drop(f.frame, LostDown)
			return
		}
		if !f.beat {
			s.net.delivered(f.msg)
		}
	}
}

// wait flushes before it waits: what is written is due.
func (s *streaming) wait(ctx context.Context, due time.Time) bool {
	if !time.Now().Before(due) && !s.link.Condition().Held {
		return ctx.Err() == nil
	}
	return s.push() && s.link.wait(ctx, due)
}

func (s *streaming) push() bool { return s.out.Flush() == nil && s.flush() == nil }

func (s *streaming) drop(f frame, why Reason) {
	if !f.beat {
		s.net.dropped(f.msg, why)
	}
}
