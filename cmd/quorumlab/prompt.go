package main

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"quorumlab/sim/sandbox"
)

// prompt is a line editor on a terminal, with history and completion, above which
// others may write at any time. It is that of golang.org/x/term: unlike richer ones
// it asks the terminal nothing, so it works on every terminal, however simple.
type prompt struct {
	terminal *term.Terminal
	keys     *os.File
	cooked   *term.State // before the prompt
}

// newPrompt prepares the terminal; restore it.
func newPrompt(b *sandbox.Sandbox, keys *os.File, out io.Writer) (*prompt, error) {
	state, err := term.GetState(int(keys.Fd()))
	if err != nil {
		return nil, err
	}
	p := &prompt{keys: keys, cooked: state}
	in := &interrupts{keys: keys}
	p.terminal = term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{in, out}, b.Name()+"> ")
	p.terminal.History = &lineHistory{}
	p.terminal.AutoCompleteCallback = completer{b, p.terminal}.key
	in.hint = func() { io.WriteString(p.terminal, "press Ctrl-C again to end the sandbox, as with Ctrl-D or quit\n") }
	return p, enableEscapes()
}

func (p *prompt) restore() error { return term.Restore(int(p.keys.Fd()), p.cooked) }

// talk asks for lines until the sandbox is left. While a line is being carried out
// the terminal is as usual, so that Ctrl-C interrupts.
func (p *prompt) talk(ctx context.Context, b *sandbox.Sandbox, c *conversation) {
	next, lines := make(chan struct{}), make(chan string, 1)
	defer close(next)
	go func() { // it may hang in a read for ever, and ends with the program
		defer close(lines)
		for range next {
			line, err := p.terminal.ReadLine()
			if err != nil && !errors.Is(err, term.ErrPasteIndicator) {
				return
			}
			lines <- line
		}
	}()
	for !hasLeft(b) {
		if _, err := term.MakeRaw(int(p.keys.Fd())); err != nil {
			return
		}
		if w, h, err := term.GetSize(int(p.keys.Fd())); err == nil && w > 0 {
			_ = p.terminal.SetSize(w, h) // what can't be drawn can't be helped
		}
		next <- struct{}{}
		line, ok := "", false
		select {
		case line, ok = <-lines:
		case <-b.Left():
			io.WriteString(p.terminal, "\n")
		}
		if p.restore() != nil || !ok {
			return
		}
		c.say(ctx, b, line)
	}
}

const (
	ctrlC = 3
	ctrlE = 5  // to the end of the line
	ctrlU = 21 // removes what is before the cursor
)

// interrupts makes of a first Ctrl-C one that removes the line.
type interrupts struct {
	keys io.Reader
	hint func()
	rest []byte // read, and still to be passed on
	once bool   // the last key was a Ctrl-C
}

// Read implements io.Reader.
func (r *interrupts) Read(b []byte) (int, error) {
	if len(r.rest) == 0 {
		n, err := r.keys.Read(b[:max(1, len(b)/2)])
		if err != nil {
			return n, err
		}
		for _, key := range b[:n] {
			again := r.once
			if r.once = key == ctrlC; !r.once || again {
				r.rest = append(r.rest, key)
				continue
			}
			r.rest = append(r.rest, ctrlE, ctrlU)
			r.hint()
		}
	}
	n := copy(b, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// lineHistory is what was typed, but for empty lines and repetitions.
type lineHistory struct{ lines []string }

// maxHistory is how many lines it keeps.
const maxHistory = 1000

// Add takes a line.
func (h *lineHistory) Add(line string) {
	if strings.TrimSpace(line) == "" || len(h.lines) > 0 && h.At(0) == line {
		return
	}
	h.lines = append(h.lines, line)
	h.lines = h.lines[max(0, len(h.lines)-maxHistory):]
}

// Len is how many lines there are.
func (h *lineHistory) Len() int { return len(h.lines) }

// At is a line, from 0 for the newest.
func (h *lineHistory) At(i int) string { return h.lines[len(h.lines)-1-i] }
