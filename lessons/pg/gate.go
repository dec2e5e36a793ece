package pg

import (
	"bytes"
	"context"
	"errors"
	"sync"
)

// gate is a program's output. It takes nothing after a marker until it is opened: so a program that has more to
// write than a pipe holds stands still there, at the same place each time.
type gate struct {
	marker  []byte
	reached chan struct{} // closed when the marker was written
	opened  chan struct{}

	mu    sync.Mutex
	all   bytes.Buffer
	found bool
}

// Write never fails.
func (g *gate) Write(p []byte) (int, error) {
	g.mu.Lock()
	g.all.Write(p)
	waits := false
	if !g.found && bytes.Contains(g.all.Bytes(), g.marker) {
		g.found, waits = true, true
		close(g.reached)
	}
	g.mu.Unlock()
	if waits {
		<-g.opened
	}
	return len(p), nil
}

// Stopped is a command that stands still in the middle of its output.
type Stopped struct {
	gate *gate
	once sync.Once
	done chan struct{} // closed when the command has ended

	typed Typed
	err   error
}

// StopAt types a command line and returns when its output contains the marker. Then the command stands still
// until Finish, provided that more than the 64 KiB that a pipe holds are to come. The caller always calls
// Finish. The error is that it ended before that.
func (s *Shell) StopAt(ctx context.Context, line, marker string) (*Stopped, error) {
	g := &gate{marker: []byte(marker), reached: make(chan struct{}), opened: make(chan struct{})}
	p := &Stopped{gate: g, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		p.typed, p.err = s.TypeTo(ctx, line, g)
	}()
	select {
	case <-g.reached:
		return p, nil
	case <-p.done:
		return nil, errors.Join(p.err, errors.New(line+" ended without writing "+marker+": "+p.typed.Says()))
	}
}

// Finish lets the command go on and returns its result with all its output. A second call returns the same.
func (p *Stopped) Finish() (Typed, error) {
	p.once.Do(func() { close(p.gate.opened) })
	<-p.done
	p.typed.Out = p.gate.all.String()
	return p.typed, p.err
}

// Ended reports whether the command has ended.
func (p *Stopped) Ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}
