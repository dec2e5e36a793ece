package sandbox

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"

	"quorumlab/sim/run"
)

// Client talks to a sandbox in another process. It is not safe for concurrent use.
type Client struct {
	conn net.Conn
	in   *bufio.Reader
}

// Dial connects to the user's sandbox of that name. Errors: a run.InputError for what is
// no name, a NotUpError, and those of the system.
func Dial(name string) (*Client, error) {
	conn, err := reach(name)
	if err != nil {
		return nil, err
	}
	return &Client{conn, bufio.NewReader(conn)}, nil
}

// Close closes the connection. The sandbox keeps running.
func (c *Client) Close() error { return c.conn.Close() }

// Do has the sandbox carry out a line, as Sandbox.Do does there, and returns its reply.
// Errors: a run.InputError where the line is to blame, another where the sandbox could not
// do it or has gone, and ctx's. When ctx is done the client hangs up.
func (c *Client) Do(ctx context.Context, line string, wait bool) (Reply, error) {
	stop := context.AfterFunc(ctx, func() { c.conn.Close() })
	defer stop()
	a, err := c.exchange(line, wait)
	switch {
	case ctx.Err() != nil:
		return Reply{}, ctx.Err()
	case err != nil:
		return Reply{}, err
	case a.Usage:
		return Reply{}, &run.InputError{Err: errors.New(a.Error)}
	case a.Error != "":
		return Reply{}, errors.New(a.Error)
	}
	return Reply{Text: a.Text, Status: a.Status}, nil
}

// exchange asks one line. The errors are those of the connection.
func (c *Client) exchange(line string, wait bool) (answer, error) {
	var r answer
	if err := json.NewEncoder(c.conn).Encode(request{controlFormat, line, wait}); err != nil {
		return r, fmt.Errorf("the sandbox is gone: %w", err)
	}
	b, err := c.in.ReadBytes('\n')
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
		return r, fmt.Errorf("the sandbox answers in format %d; this version reads format %d", r.Format, controlFormat)
	}
	return r, nil
}
