package etcdsim

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

// Virtual runs scenarios on real etcd servers in virtual time: the members of Engine, in a synctest bubble
// of this process, joined by memory and on disks that take what the scenario says. Its zero value is ready.
type Virtual struct {
	// Patience is how long, in real time, virtual time may stand still before the run is given up; 0 is two minutes,
	// since on a busy machine many runs wait for a processor.
	Patience time.Duration
	// Flaw is a bug planted in what is run, for tests.
	Flaw cluster.Flaw

	inside func(*run) // for tests: called in virtual time, now and then
	gone   chan error // for tests: gets the end of the bubble, even of one that was given up
}

var _ sim.Engine = Virtual{}

// Name is "etcd-virtual".
func (Virtual) Name() string { return sim.EtcdVirtual }

// Refuse says what in the scenario it can't do.
func (v Virtual) Refuse(s *sim.Scenario) []sim.Refusal {
	rs := Engine{}.Refuse(s)
	refuse := func(bad bool, what, reason string) {
		if bad {
			rs = append(rs, sim.Refusal{What: what, Reason: reason})
		}
	}
	if err := cluster.VirtualAvailable(); err != nil {
		refuse(true, "etcd", err.Error())
	}
	c := &s.Cluster
	refuse(c.Process == sim.ProcessOwn, "cluster.process",
		"members in virtual time share one process; the etcd engine can give each its own")
	refuse(c.TLS != sim.TLSSpec{}, "cluster.tls",
		"members in virtual time have no sockets to encrypt; the etcd engine's have")
	refuse(s.Alerts.On() && c.Process == sim.ProcessOwn, "alerts",
		"members in virtual time have no metrics of their own; the etcd engine's have, with cluster.process: own")
	for i, st := range s.Steps {
		if why := virtualLacksVerb[st.Do.Verb]; why != "" {
			rs = append(rs, sim.Refusal{Step: i + 1, What: st.Do.String(), Reason: why})
		}
	}
	return rs
}

// virtualLacksVerb says why statements can't be carried out.
var virtualLacksVerb = map[string]string{
	"hold-snapshot": "a reader that holds up etcd's database also holds up virtual time; " +
		"the etcd engine has real time",
}

// Run runs the scenario. progress is called from the calling goroutine.
func (v Virtual) Run(ctx context.Context, s *sim.Scenario, rec *sim.Recorder, progress func(at time.Duration)) error {
	if rs := v.Refuse(s); len(rs) > 0 {
		return &sim.RefusedError{Scenario: s.Name, Engine: v.Name(), Refusals: rs}
	}
	dir, leave, err := newHome()
	if err != nil {
		return err
	}
	b := &bubble{over: make(chan error, 1)}
	if v.gone != nil {
		b.over = v.gone
	}
	home := filepath.Join(dir, "cluster") // the same name each time, which etcd sees
	members := Engine{Dir: home, virtual: true, flaw: v.Flaw}
	go func() {
		b.over <- b.run(func(ctx context.Context) error {
			r, err := newRun(ctx, members, s, rec, func(at time.Duration) {
				b.at.Store(int64(at))
				if v.inside != nil {
					v.inside(b.goes.Load())
				}
			})
			if err != nil {
				return err
			}
			b.goes.Store(r)
			return r.all()
		})
	}()
	return errors.Join(b.watch(ctx, v.Patience, progress), leave())
}

// InVirtualTime calls do in virtual time, in a bubble of its own (testing/synctest): timers and contexts made in do,
// and members made with cluster.Options.Virtual in folders below dir, take no more real time than their work does.
// do must wait for nothing outside, and its ctx ends soon after the outer one. Errors: do's, that something is left
// when do has returned, or keeps time from passing, and those of the folder.
func InVirtualTime(ctx context.Context, do func(ctx context.Context, dir string) error) error {
	dir, leave, err := newHome()
	if err != nil {
		return err
	}
	b := &bubble{over: make(chan error, 1)}
	go func() {
		b.over <- b.run(func(ctx context.Context) error { return do(ctx, dir) })
	}()
	return errors.Join(b.watch(ctx, 0, nil), leave())
}

// bubble is one run, seen from outside of its time.
type bubble struct {
	at    atomic.Int64 // how far the run is
	moves atomic.Int64 // changes whenever virtual time passes
	end   atomic.Bool  // it is to end
	goes  atomic.Pointer[run]
	over  chan error
}

// look is how often, in virtual time, the bubble looks whether it is to end, and shows that its time passes.
const look = 50 * time.Millisecond

// run is the inside.
func (b *bubble) run(f func(ctx context.Context) error) (err error) {
	defer func() {
		p := recover() // of synctest: something is left, or nothing goes on
		if r := b.goes.Load(); p != nil && (r == nil || !r.cluster.Leftovers()) {
			err = errors.Join(err, fmt.Errorf("virtual time ended with goroutines left: %v:\n%s", p, left()))
		}
	}()
	synctest.Test(new(testing.T), func(*testing.T) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("%v\n%s", p, debug.Stack())
			}
		}()
		err = b.inside(f)
	})
	return err
}

func (b *bubble) inside(f func(ctx context.Context) error) error {
	ctx, stop := context.WithCancel(context.Background()) // one from outside would not be idle to wait for
	defer stop()
	done := make(chan struct{})
	defer close(done)
	go func() {
		tick := time.NewTicker(look)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				b.moves.Add(1)
				if b.end.Load() {
					stop()
				}
			case <-done:
				return
			}
		}
	}()
	err := f(ctx)
	<-time.After(afterwards)
	return err
}

// afterwards is how much virtual time passes when all is done: gRPC gives up what it was dialling.
const afterwards = time.Minute

// watch waits for the end, and gives up a bubble whose time stands still.
func (b *bubble) watch(ctx context.Context, patience time.Duration, progress func(time.Duration)) error {
	if patience == 0 {
		patience = 2 * time.Minute
	}
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	seen, since := int64(-1), time.Now()
	var told error
	for {
		select {
		case err := <-b.over:
			return err
		case <-ctx.Done():
			b.end.Store(true)
			told = ctx.Err()
			ctx, patience, since = context.Background(), min(patience, time.Second), time.Now()
		case <-tick.C:
			if progress != nil {
				progress(time.Duration(b.at.Load()))
			}
			if now := b.moves.Load(); now != seen {
				seen, since = now, time.Now()
			}
			if time.Since(since) > patience {
				return b.standstill(patience, told)
			}
		}
	}
}

// standstill is the error of a bubble that is given up: sim.ErrStandstill if its trace is whole so far, unless it
// was told to end.
func (b *bubble) standstill(patience time.Duration, told error) error {
	b.end.Store(true) // should it ever pass again
	why := fmt.Errorf("virtual time has stood still for %v: %s", patience, culprit())
	if r := b.goes.Load(); told != nil || r == nil || !r.closeTrace() {
		return errors.Join(told, why)
	}
	return &stillError{why}
}

// stillError is sim.ErrStandstill, with what stands still.
type stillError struct{ why error }

func (e *stillError) Error() string        { return e.why.Error() }
func (e *stillError) Is(target error) bool { return target == sim.ErrStandstill }

// closeTrace lets nothing more into the trace, of a run that may stand still. False: what stands still has it.
func (r *run) closeTrace() bool {
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for range 100 {
		if r.mu.TryLock() {
			r.rec = nil
			r.mu.Unlock()
			return true
		}
		<-again.C
	}
	return false
}

// culprit tells which goroutine keeps a bubble's time from passing, with its callers, the innermost first.
func culprit() string {
	buf := make([]byte, 1<<22)
	for g := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		head, stack, _ := strings.Cut(g, "\n")
		if strings.Contains(head, "synctest bubble") && !strings.Contains(head, "durable") {
			return strings.TrimSuffix(head, ":") + " in " + strings.Join(frames(stack), ", called by ")
		}
	}
	return "no goroutine of it is waiting for anything else"
}

// left lists the goroutines of bubbles that are blocked, a line each.
func left() string {
	var lines []string
	buf := make([]byte, 1<<22)
	for g := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		head, stack, _ := strings.Cut(g, "\n")
		if strings.Contains(head, "synctest bubble") && strings.Contains(head, "durable") {
			lines = append(lines, strings.TrimSuffix(head, ":")+" in "+strings.Join(frames(stack), ", called by "))
		}
	}
	return strings.Join(lines, "\n")
}

// frames are the functions of a stack as the runtime prints it, without the runtime's own and with not too many of
// those who called them.
func frames(stack string) (names []string) {
	const most = 8
	for line := range strings.SplitSeq(stack, "\n") {
		name := line
		if at := strings.LastIndexByte(line, '('); at > 0 {
			name = line[:at]
		}
		own := strings.HasPrefix(name, "runtime.") || strings.HasPrefix(name, "sync.") || strings.HasPrefix(name, "internal/")
		if line != "" && line[0] != '\t' && !own && len(names) < most {
			names = append(names, name)
		}
	}
	return names
}
