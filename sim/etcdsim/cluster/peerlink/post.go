package peerlink

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"
)

// post carries a message that its sender could not put on a stream.
func (p *PeerPort) post(w http.ResponseWriter, out *http.Request, from int) {
	link := p.net.Link(from, p.member)
	body, err := io.ReadAll(out.Body)
	if err != nil {
		abort()
	}
	m := &raftpb.Message{}
	if proto.Unmarshal(body, m) != nil || !p.net.speaks(from) {
		abort()
	}
	d := p.net.sent(describe(from, p.member, m, len(body)))
	due, lost := link.send(time.Now(), len(body))
	if lost == "" && !link.wait(out.Context(), due) {
		p.net.dropped(d, LostDown)
		abort()
	}
	if lost == "" && link.Condition().Cut {
		lost = LostByCut
	}
	if lost != "" {
		p.net.dropped(d, lost)
		// On a real network there would be no answer at all. "Done" lets the sender believe what
		// it also believes of a stream: that a message written is on its way.
		w.WriteHeader(http.StatusNoContent)
		return
	}
	out.Body, out.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	p.deliver(w, out, d)
}

// deliver sends the request on and tells the fate of its message.
func (p *PeerPort) deliver(w http.ResponseWriter, out *http.Request, d Message) {
	resp, err := p.send(out, d.From)
	if err != nil {
		p.net.dropped(d, LostDown)
		abort()
	}
	defer resp.Body.Close()
	p.net.delivered(d)
	copyHead(w, resp)
	_, _ = io.Copy(w, resp.Body) // the message has arrived, whatever becomes of the answer
}

// snapshot carries a MsgSnap followed by the database.
func (p *PeerPort) snapshot(w http.ResponseWriter, out *http.Request, from int) {
	link := p.net.Link(from, p.member)
	in := bufio.NewReader(out.Body)
	f, err := messageCodec{from: from, to: p.member}.read(in)
	if err != nil || !p.net.speaks(from) {
		abort()
	}
	d := p.net.sent(f.msg)
	due, lost := link.send(time.Now(), len(f.raw))
	if lost == "" && !link.wait(out.Context(), due) {
		lost = LostDown
	}
	if lost != "" {
		// The sender learns of it: etcd would otherwise wait for its snapshot for ever, as it does
		// on a real network until TCP gives up.
		p.net.dropped(d, lost)
		abort()
	}
	out.Body = &body{ctx: out.Context(), link: link, Reader: io.MultiReader(bytes.NewReader(f.raw), in), Closer: out.Body}
	p.deliver(w, out, d)
}

var errCut = errors.New("link is cut")

// body is a snapshot's body under the link's rate and cut.
type body struct {
	io.Reader
	io.Closer
	ctx  context.Context
	link *Link
}

// Read takes small pieces, so that a limit is smooth and a cut is seen soon.
func (b *body) Read(buf []byte) (int, error) {
	if b.link.Condition().Cut {
		return 0, errCut
	}
	n, err := b.Reader.Read(buf[:min(len(buf), 16<<10)])
	if !b.link.wait(b.ctx, b.link.free(time.Now(), n)) {
		return n, b.ctx.Err()
	}
	return n, err
}
