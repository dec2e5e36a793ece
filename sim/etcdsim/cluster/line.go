package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"sync"

	"quorumlab/sim/etcdsim/cluster/memberlog"
)

// line is the parent's end of the line to one process of a member, from its start to its end.
type line struct {
	cmd     *exec.Cmd
	fact    func(memberlog.LogFact)
	ended   func(*line)
	ready   chan struct{} // closed when etcd answers clients
	stopped chan struct{} // closed when it was removed, or has left
	gone    chan struct{} // closed when the process is gone, after ended has returned

	writing sync.Mutex
	in      io.WriteCloser

	mu     sync.Mutex
	lastID uint64
	calls  map[uint64]chan report
	lost   bool   // nothing more is heard
	booted bool   // it has started
	lastly string // what it died of
}

// call is a request under way.
type call struct {
	id     uint64
	answer chan report
}

// dialChild starts the process. The functions are called on the line's own goroutine: fact for each
// fact, ended once the process is gone.
func dialChild(cmd *exec.Cmd, fact func(memberlog.LogFact), ended func(*line)) (*line, error) {
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, errors.Join(err, in.Close())
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	l := &line{
		cmd: cmd, fact: fact, ended: ended, in: in, calls: map[uint64]chan report{},
		ready: make(chan struct{}), stopped: make(chan struct{}), gone: make(chan struct{}),
	}
	go l.listen(json.NewDecoder(out))
	return l, nil
}

// listen takes what the process says until it is gone.
func (l *line) listen(out *json.Decoder) {
	defer close(l.gone)
	for {
		var r report
		if err := out.Decode(&r); err != nil {
			break
		}
		l.hear(r)
	}
	l.mu.Lock()
	l.lost = true
	for id, answer := range l.calls {
		close(answer)
		delete(l.calls, id)
	}
	l.mu.Unlock()
	l.end()          // of one that only closed its output too
	_ = l.cmd.Wait() // how it ended is in ProcessState
	_ = l.in.Close() // Wait has closed it already, most likely
	l.ended(l)
}

func (l *line) hear(r report) {
	switch {
	case r.ID != 0:
		l.deliver(r)
	case r.Fact != nil:
		l.fact(*r.Fact)
	case r.Event == eventReady:
		close(l.ready)
	case r.Event == eventStopped:
		close(l.stopped)
	case r.Died != "":
		l.mu.Lock()
		l.lastly = r.Died
		l.mu.Unlock()
	}
}

func (l *line) deliver(r report) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.booted = l.booted || r.Booted != nil
	if answer := l.calls[r.ID]; answer != nil {
		answer <- r // it has room
		delete(l.calls, r.ID)
	}
}

// ask sends a request.
func (l *line) ask(q request) (*call, error) {
	l.mu.Lock()
	if l.lost {
		l.mu.Unlock()
		return nil, ErrDown
	}
	l.lastID++
	c := &call{l.lastID, make(chan report, 1)}
	l.calls[c.id] = c.answer
	l.mu.Unlock()
	q.ID = c.id
	l.writing.Lock()
	defer l.writing.Unlock()
	return c, json.NewEncoder(l.in).Encode(q)
}

// await waits for the answer. Errors: ErrDown, errPaused once frozen is closed, that of the answer,
// and ctx.
func (l *line) await(ctx context.Context, c *call, frozen <-chan struct{}) (report, error) {
	defer l.forget(c)
	select {
	case r, ok := <-c.answer:
		if !ok {
			return report{}, ErrDown
		}
		if r.Err != "" {
			return report{}, errors.New(r.Err)
		}
		return r, nil
	case <-frozen:
		return report{}, errPaused
	case <-ctx.Done():
		return report{}, ctx.Err()
	}
}

func (l *line) forget(c *call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.calls, c.id)
}

// end kills the process.
func (l *line) end() { _ = l.cmd.Process.Kill() } // it may be gone

func (l *line) hasBooted() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.booted
}

// why is what the process said that it died of, or empty.
func (l *line) why() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lastly
}
