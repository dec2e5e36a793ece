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
)

// conversation is how a sandbox hears its user: at a prompt, from the lines of a file
// or a pipe, or not at all. Everything that it shows goes through out.
type conversation struct {
	out   *lineWriter
	talk  func(*sandbox) // until the sandbox is left, or there is no more to say
	close func() error
}

// conversation begins one. The error is that of the terminal.
func (o *upOptions) conversation(b *sandbox, io streams) (*conversation, error) {
	c := &conversation{out: &lineWriter{to: io.out}, close: func() error { return nil }}
	switch {
	case o.quiet || io.in == nil:
		c.talk = func(b *sandbox) { <-b.left.Done() }
	case io.keys != nil:
		p, err := newPrompt(b, io.keys, io.out)
		if err != nil {
			return nil, err
		}
		c.talk = func(b *sandbox) {
			c.out.redirect(p.terminal)
			p.talk(b, c)
			c.out.redirect(io.out)
		}
		c.close = p.restore
	default:
		c.talk = func(b *sandbox) { c.read(b, io.in) }
	}
	return c, nil
}

// tell shows an event.
func (c *conversation) tell(at time.Duration, text string) {
	var line bytes.Buffer
	hanging(&line, eventColumn(at), text)
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
func (c *conversation) read(b *sandbox, in io.Reader) {
	lines := make(chan string)
	go func() { // it may hang in a read for ever, and ends with the program
		defer close(lines)
		s := bufio.NewScanner(in)
		for s.Scan() {
			select {
			case lines <- s.Text():
			case <-b.left.Done():
				return
			}
		}
	}()
	for {
		select {
		case line, ok := <-lines:
			if !ok || b.left.Err() != nil {
				return
			}
			if strings.TrimSpace(line) != "" {
				fmt.Fprintf(c.out, "> %s\n", line)
			}
			c.say(b, line)
		case <-b.left.Done():
			return
		}
	}
}

// say says a line and shows the answer.
func (c *conversation) say(b *sandbox, line string) {
	r, err := b.line(b.left, line, false)
	b.teller.tellNews() // what came of it stands before the next line
	var out bytes.Buffer
	switch {
	case errors.Is(err, context.Canceled):
	case err != nil && !r.shown:
		hanging(&out, "  ", err.Error())
	case r.text != "" && !r.shown:
		fmt.Fprintln(&out, r.text)
	}
	if out.Len() > 0 {
		_, _ = c.out.Write(out.Bytes()) // nobody listens any more
	}
}
