package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/sandbox"
)

// conversation is how a sandbox hears its user: at a prompt, from the lines of a file
// or a pipe, or not at all. Everything that it shows goes through out.
type conversation struct {
	out   *lineWriter
	talk  func(context.Context, *sandbox.Sandbox) // until the sandbox is left, or there is no more to say
	close func() error
}

// conversation starts one. Errors are the terminal's.
func (o *upOptions) conversation(b *sandbox.Sandbox, std streams) (*conversation, error) {
	c := &conversation{out: &lineWriter{to: std.out}, close: func() error { return nil }}
	switch {
	case o.quiet || std.in == nil:
		c.talk = func(_ context.Context, b *sandbox.Sandbox) { <-b.Left() }
	case std.keys != nil:
		p, err := newPrompt(b, std.keys, raw(std.out))
		if err != nil {
			return nil, err
		}
		c.talk = func(ctx context.Context, b *sandbox.Sandbox) {
			c.out.redirect(newDisplay(p.terminal))
			p.talk(ctx, b, c)
			c.out.redirect(std.out)
		}
		c.close = p.restore
	default:
		c.talk = func(ctx context.Context, b *sandbox.Sandbox) { c.read(ctx, b, std.in) }
	}
	return c, nil
}

// tell shows an event.
func (c *conversation) tell(at time.Duration, event string) {
	var line bytes.Buffer
	hanging(&line, eventColumn(at), event)
	_, _ = c.out.Write(line.Bytes()) // nobody listens any more
}

// lineWriter lets several goroutines write, each a whole text.
type lineWriter struct {
	mu sync.Mutex
	to io.Writer
}

func (w *lineWriter) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(b)
}

func (w *lineWriter) redirect(to io.Writer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.to = to
}

// read says the lines of a file or a pipe, one after the other, until the end or
// until the sandbox is left. A line that fails does not end it: its error is shown,
// as at the prompt.
func (c *conversation) read(ctx context.Context, b *sandbox.Sandbox, in io.Reader) {
	lines := make(chan string)
	go func() { // it may hang in a read for ever, and ends with the program
		defer close(lines)
		s := bufio.NewScanner(in)
		for s.Scan() {
			select {
			case lines <- s.Text():
			case <-b.Left():
				return
			}
		}
	}()
	for {
		select {
		case line, ok := <-lines:
			if !ok || hasLeft(b) {
				return
			}
			if strings.TrimSpace(line) != "" {
				fmt.Fprintf(c.out, "> %s\n", line)
			}
			c.say(ctx, b, line)
		case <-b.Left():
			return
		}
	}
}

// say says a line and shows the answer.
func (c *conversation) say(ctx context.Context, b *sandbox.Sandbox, line string) {
	r, err := b.Do(ctx, line, false)
	b.Catch() // show its outcome before the next line
	var out bytes.Buffer
	switch {
	case errors.Is(err, context.Canceled):
	case err != nil && !r.Told:
		hanging(&out, "  ", err.Error())
	case r.Text != "" && !r.Told:
		fmt.Fprintln(&out, r.Text)
	}
	if out.Len() > 0 {
		_, _ = c.out.Write(out.Bytes()) // nobody listens any more
	}
}

// hasLeft reports whether the sandbox is to end.
func hasLeft(b *sandbox.Sandbox) bool {
	select {
	case <-b.Left():
		return true
	default:
		return false
	}
}

// eventColumn is how an event's time is laid out before its text.
func eventColumn(at time.Duration) string { return fmt.Sprintf("%8s  ", sim.RoundedTime(at)) }
