package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ergochat/readline"

	"quorumlab/sim"
)

// conversation is how a sandbox hears its user: at a prompt, from lines of a file or
// a pipe, or not at all.
type conversation struct {
	out  io.Writer // whole lines at a time
	talk func(*sandbox)
	stop func() error
}

// conversation begins one. The error is that of the terminal.
func (o *upOptions) conversation(b *sandbox, io streams) (*conversation, error) {
	c := &conversation{out: &lineWriter{to: io.out}, stop: func() error { return nil }}
	switch {
	case o.quiet || io.in == nil:
		c.talk = func(b *sandbox) { <-b.left.Done() }
	case io.typed:
		rl, err := newPrompt(b)
		if err != nil {
			return nil, err
		}
		c.out, c.stop = rl.Stdout(), rl.Close
		c.talk = func(b *sandbox) { c.prompt(b, rl) }
	default:
		c.talk = func(b *sandbox) { c.read(b, io.in, io.err) }
	}
	return c, nil
}

func (c *conversation) close() error { return c.stop() }

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

// read says the lines of a file or a pipe, one after the other, until the end or
// until the sandbox is left. A line that fails does not end it: its error is shown,
// as at the prompt.
func (c *conversation) read(b *sandbox, in io.Reader, errs io.Writer) {
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
	r, err := b.line(b.left, line)
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

// newPrompt prepares the terminal.
func newPrompt(b *sandbox) (*readline.Instance, error) {
	return readline.NewFromConfig(&readline.Config{
		Prompt: b.name + "> ", AutoComplete: completer{b}, HistorySearchFold: true, Undo: true,
	})
}

// prompt asks for lines until the sandbox is left. Ctrl-C clears a line; on an empty
// one it ends the sandbox, as Ctrl-D does.
func (c *conversation) prompt(b *sandbox, rl *readline.Instance) {
	defer context.AfterFunc(b.left, func() { rl.Close() })()
	for b.left.Err() == nil {
		line, err := rl.ReadLine()
		switch {
		case errors.Is(err, readline.ErrInterrupt) && line != "":
		case err != nil:
			return
		default:
			c.say(b, line)
		}
	}
}

// completer knows what may follow at the prompt.
type completer struct{ b *sandbox }

// Do implements readline.AutoCompleter.
func (c completer) Do(line []rune, pos int) (rest [][]rune, length int) {
	before := string(line[:pos])
	words := strings.Fields(before)
	begun := ""
	if n := len(words); n > 0 && !strings.HasSuffix(before, " ") {
		begun, words = words[n-1], words[:n-1]
	}
	for _, candidate := range c.b.completions(words) {
		if after, ok := strings.CutPrefix(candidate, begun); ok {
			rest = append(rest, []rune(after+" "))
		}
	}
	return rest, len([]rune(begun))
}

// completions lists what may stand behind the words, by what the language knows.
func (b *sandbox) completions(words []string) (list []string) {
	if len(words) == 0 {
		return b.firstWords()
	}
	v := sim.VerbNamed(words[0])
	switch {
	case words[0] == "help" && len(words) == 1:
		return b.verbNames()
	case words[0] == "wait" && len(words) == 1:
		return []string{"leader"}
	case v == nil:
		return nil
	}
	if hasMembers(v) {
		for _, m := range b.live.Scenario().Members() {
			list = append(list, m.Name)
		}
		list = append(list, sim.SelectorWords()...)
	}
	for arg, word := range map[sim.Arg]string{sim.ArgArrow: "->", sim.ArgSides: "|"} {
		if slices.Contains(v.Args, arg) && len(words) > 1 {
			list = append(list, word)
		}
	}
	if v.Lasts && (len(words) > 1 || len(v.Args) == 0) {
		list = append(list, "for")
	}
	return list
}
