package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"quorumlab/internal/guard"
	"quorumlab/internal/helper"
	"quorumlab/sim"
)

// child is etcd in a process of its own: this program, started once more. Its death is a real
// SIGKILL, its pause a real SIGSTOP, and its metrics are its own.
type child struct {
	reports
	name, dir string
	guard     *guard.Guard

	// All those below are under mu, and what boot has written stays.
	mu     sync.Mutex
	killed bool
	disk   diskSettings
	line   *line         // to the process; nil before boot
	frozen chan struct{} // closed while it is paused
	last   Status
	at     booted
}

var _ process = (*child)(nil)

func newChild(name, dir string, d diskSettings, g *guard.Guard, r reports) *child {
	return &child{reports: r, name: name, dir: dir, guard: g, disk: d, frozen: make(chan struct{})}
}

// boot starts a process for each try.
func (c *child) boot(s settings, entrance func() bool) error {
	if !entrance() {
		return errCrashed
	}
	q, l, err := c.launch(s)
	if err != nil {
		return err
	}
	r, err := l.await(context.Background(), q, nil)
	if err == nil && r.Booted != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.at = *r.Booted
		return nil
	}
	l.end()
	<-l.gone
	if err == nil || errors.Is(err, ErrDown) {
		err = errors.New(c.lastWords(l))
	}
	return err
}

// launch starts a process and asks it to boot.
func (c *child) launch(s settings) (*call, *line, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.killed {
		return nil, nil, errCrashed
	}
	cmd, err := helper.Command(memberRole, "quorumlab: member "+c.name)
	if err != nil {
		return nil, nil, err
	}
	helper.DieWithParent(cmd)
	stderr, err := os.Create(c.stderr())
	if err != nil {
		return nil, nil, err
	}
	defer stderr.Close()
	cmd.Stderr = stderr
	l, err := dialChild(cmd, c.reports.fact, c.ended)
	if err != nil {
		return nil, nil, fmt.Errorf("start %s: %w", c.name, err)
	}
	c.line = l
	c.guard.Process(cmd.Process.Pid)
	q, err := l.ask(request{Kind: opBoot, Boot: &bootRequest{s, c.disk}})
	return q, l, err
}

// stderr is where a process writes what etcd's log can't hold: the stack of a panic.
func (c *child) stderr() string { return filepath.Join(c.dir, "stderr.log") }

// ended is called when a process has ended, whatever the reason.
func (c *child) ended(l *line) {
	c.guard.Gone(l.cmd.Process.Pid)
	if l.hasBooted() {
		c.died(c.lastWords(l))
	}
}

// lastWords are etcd's, or those of the Go runtime, or only the way in which the process ended.
func (c *child) lastWords(l *line) string {
	if why := l.why(); why != "" {
		return why
	}
	b, _ := os.ReadFile(c.stderr()) // it is only a better word
	return goPanic(string(b), l.cmd.ProcessState)
}

func (c *child) addrs() (peers, clients string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at.Peers, c.at.Clients
}

func (c *child) ready() <-chan struct{}   { return c.current().ready }
func (c *child) stopped() <-chan struct{} { return c.current().stopped }

func (c *child) current() *line {
	l, _ := c.present()
	return l
}

func (c *child) present() (l *line, frozen <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.line, c.frozen
}

var errPaused = errors.New("the member is paused")

// call asks and waits for the answer, unless the process is paused or is gone.
func (c *child) call(ctx context.Context, q request) (report, error) {
	l, frozen := c.present()
	if l == nil {
		return report{}, ErrDown
	}
	select {
	case <-frozen:
		return report{}, errPaused
	default:
	}
	asked, err := l.ask(q)
	if err != nil {
		return report{}, ErrDown
	}
	return l.await(ctx, asked, frozen)
}

// statusTimeout is how long a member may take to say how it is, which takes microseconds.
const statusTimeout = time.Second

func (c *child) status() Status {
	ctx, cancel := context.WithTimeout(context.Background(), statusTimeout)
	defer cancel()
	r, err := c.call(ctx, request{Kind: opStatus})
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil && r.Status != nil {
		c.last = *r.Status
	}
	return c.last
}

func (c *child) campaign(ctx context.Context) error {
	_, err := c.call(ctx, request{Kind: opCampaign})
	return err
}

func (c *child) hash(ctx context.Context) (Hash, error) {
	r, err := c.call(ctx, request{Kind: opHash})
	if err != nil {
		return Hash{}, err
	}
	return *r.Hash, nil
}

// setDisk waits until it is so, but not for a paused member, which finds it so when it goes on.
func (c *child) setDisk(d sim.DiskState) {
	c.mu.Lock()
	c.disk.State = d // for a boot to come
	l, frozen := c.line, c.frozen
	var asked *call
	if l != nil {
		asked, _ = l.ask(request{Kind: opDisk, Disk: &d}) // under the lock, so that the last word is the last
	}
	c.mu.Unlock()
	if asked != nil {
		_, _ = l.await(context.Background(), asked, frozen)
	}
}

// hold needs not wait for a paused member, whose files do not change.
func (c *child) hold(ctx context.Context) (release func(), err error) {
	l, frozen := c.present()
	if l == nil {
		return nil, ErrDown
	}
	asked, err := l.ask(request{Kind: opHold})
	if err != nil {
		return nil, ErrDown
	}
	release = func() { _, _ = l.ask(request{Kind: opRelease}) } // a dead one holds nothing
	if _, err = l.await(ctx, asked, frozen); err != nil && !errors.Is(err, errPaused) {
		release()
		return nil, err
	}
	return release, nil
}

func (c *child) pause() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := helper.Stop(c.line.cmd.Process); err != nil {
		return err
	}
	close(c.frozen)
	return nil
}

func (c *child) resume() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.frozen = make(chan struct{})
	_ = helper.Continue(c.line.cmd.Process) // it may have been killed
}

func (c *child) leave(ctx context.Context) error {
	_, err := c.call(ctx, request{Kind: opLeave})
	return err
}

func (c *child) kill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.killed = true
	if c.line != nil {
		c.line.end()
	}
}

func (c *child) wait() error {
	if l := c.current(); l != nil {
		<-l.gone
	}
	return nil
}

// pid is the process's number; 0 when there is none.
func (c *child) pid() int {
	l := c.current()
	if l == nil {
		return 0
	}
	select {
	case <-l.gone:
		return 0
	default:
		return l.cmd.Process.Pid
	}
}
