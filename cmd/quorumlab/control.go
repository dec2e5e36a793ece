package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// The control protocol: JSON lines over the place's socket, a request and its
// reply in turn, as many as the client likes. Of several clients at once each
// statement is carried out by itself, in the order in which they come.

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
	Wait   bool   `json:"wait,omitempty"` // until what a statement began is done
}

// response is what came of it.
type response struct {
	Format int         `json:"format"`
	Text   string      `json:"text,omitempty"`   // for people, without the last line's end
	Status *statusJSON `json:"status,omitempty"` // of the line "status"
	Error  string      `json:"error,omitempty"`
	Usage  bool        `json:"usage,omitempty"` // the error is in the line: nothing was done
}

// parseRequest reads a request.
func parseRequest(line []byte) (request, error) {
	var q request
	if err := json.Unmarshal(line, &q); err != nil {
		return q, fmt.Errorf("not a request: %w", err)
	}
	if q.Format != controlFormat {
		return q, fmt.Errorf("requests of format %d are not known here; this version takes format %d", q.Format, controlFormat)
	}
	return q, nil
}

// control answers requests.
type control struct {
	answer func(ctx context.Context, line string, wait bool) (reply, error)
	ln     net.Listener
	work   sync.WaitGroup
	ctx    context.Context
	end    context.CancelFunc
}

// serveControl answers requests until close.
func serveControl(ln net.Listener, answer func(context.Context, string, bool) (reply, error)) *control {
	c := &control{answer: answer, ln: ln}
	c.ctx, c.end = context.WithCancel(context.Background())
	c.work.Go(c.accept)
	return c
}

func (c *control) accept() {
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
func (c *control) serve(conn net.Conn) {
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
		_ = out.Encode(response{Format: controlFormat, Usage: true, Error: fmt.Sprintf("the request is longer than %d bytes", maxRequest)})
	}
}

func (c *control) respond(line []byte) response {
	q, err := parseRequest(line)
	if err != nil {
		return response{Format: controlFormat, Usage: true, Error: err.Error()}
	}
	r, err := c.answer(c.ctx, q.Line, q.Wait)
	if err != nil {
		var usage usageError
		return response{Format: controlFormat, Error: err.Error(), Usage: errors.As(err, &usage)}
	}
	return response{Format: controlFormat, Text: r.text, Status: r.status}
}

// close ends all clients when they have their answers, and waits.
func (c *control) close() {
	c.ln.Close()
	c.end()
	c.work.Wait()
}

// exchange asks a sandbox one line. The errors are those of the connection.
func exchange(conn net.Conn, in *bufio.Reader, line string, wait bool) (response, error) {
	var r response
	if err := json.NewEncoder(conn).Encode(request{controlFormat, line, wait}); err != nil {
		return r, fmt.Errorf("the sandbox has gone: %w", err)
	}
	b, err := in.ReadBytes('\n')
	if errors.Is(err, io.EOF) {
		return r, errors.New("the sandbox ended before it answered")
	}
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return r, fmt.Errorf("not an answer: %w", err)
	}
	if r.Format != controlFormat {
		return r, fmt.Errorf("the sandbox answers in format %d, this version reads format %d", r.Format, controlFormat)
	}
	return r, nil
}
