package sandbox

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"quorumlab/sim/run"
)

// The control protocol: JSON lines over the place's socket, a request and its
// reply in turn, as many as the client likes. Statements of concurrent clients
// are carried out one at a time, in the order of arrival.

// controlFormat is the protocol's version.
const controlFormat = 1

// maxRequest is the longest line, in bytes.
const maxRequest = 64 << 10

// lastAnswer is how long a client may take to read its answer at the end.
const lastAnswer = 2 * time.Second

// request is one line as it could be typed at the prompt.
type request struct {
	Format int    `json:"format"`
	Line   string `json:"line"`
	Wait   bool   `json:"wait,omitempty"` // until what a statement started is done
}

// answer is its outcome.
type answer struct {
	Format int         `json:"format"`
	Text   string      `json:"text,omitempty"`   // for people, without the final newline
	Status *StatusJSON `json:"status,omitempty"` // of the line "status"
	Error  string      `json:"error,omitempty"`
	Usage  bool        `json:"usage,omitempty"` // the line is at fault: nothing was done
}

// parseRequest reads a request.
func parseRequest(line []byte) (request, error) {
	var q request
	if err := json.Unmarshal(line, &q); err != nil {
		return q, fmt.Errorf("not a request: %w", err)
	}
	if q.Format != controlFormat {
		return q, fmt.Errorf("unknown request format %d; this version takes format %d",
			q.Format, controlFormat)
	}
	return q, nil
}

// Control answers the requests of clients.
type Control struct {
	do   func(ctx context.Context, line string, wait bool) (Reply, error)
	ln   net.Listener
	work sync.WaitGroup
	ctx  context.Context
	end  context.CancelFunc
}

// Serve has do carry out what clients request over a listener, usually a Place and
// Sandbox.Do, until Close.
func Serve(ln net.Listener, do func(ctx context.Context, line string, wait bool) (Reply, error)) *Control {
	c := &Control{do: do, ln: ln}
	c.ctx, c.end = context.WithCancel(context.Background())
	c.work.Go(c.accept)
	return c
}

func (c *Control) accept() {
	for {
		conn, err := c.ln.Accept()
		if err != nil {
			return
		}
		c.work.Go(func() {
			defer conn.Close()
			c.serve(conn)
		})
	}
}

// serve answers the requests of one client.
func (c *Control) serve(conn net.Conn) {
	// At the end only reading ends: the answer to quit is still on its way.
	stop := context.AfterFunc(c.ctx, func() {
		_ = conn.SetReadDeadline(time.Now())
		_ = conn.SetWriteDeadline(time.Now().Add(lastAnswer))
	})
	defer stop()
	in := bufio.NewScanner(conn)
	in.Buffer(nil, maxRequest)
	out := json.NewEncoder(conn)
	for in.Scan() {
		if err := out.Encode(c.respond(in.Bytes())); err != nil {
			return
		}
	}
	if errors.Is(in.Err(), bufio.ErrTooLong) {
		_ = out.Encode(answer{Format: controlFormat, Usage: true,
			Error: fmt.Sprintf("the request is longer than %d bytes", maxRequest)})
	}
}

func (c *Control) respond(line []byte) answer {
	q, err := parseRequest(line)
	if err != nil {
		return answer{Format: controlFormat, Usage: true, Error: err.Error()}
	}
	r, err := c.do(c.ctx, q.Line, q.Wait)
	if err != nil {
		var bad *run.InputError
		return answer{Format: controlFormat, Error: err.Error(), Usage: errors.As(err, &bad)}
	}
	return answer{Format: controlFormat, Text: r.Text, Status: r.Status}
}

// Close disconnects all clients once they have their answers, and waits for that.
func (c *Control) Close() {
	c.ln.Close()
	c.end()
	c.work.Wait()
}
