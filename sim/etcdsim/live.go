package etcdsim

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

// Live is a run without a fixed end, whose script is written while it runs: it starts like a scenario,
// takes statements, and ends like a scenario when it is closed. Its methods are safe for
// concurrent use.
type Live struct {
	r     *run
	opt   Engine
	leave context.CancelFunc // ends the script
	left  <-chan struct{}    // closed when it is to end
	ended chan struct{}      // closed when nothing of it is left
	err   error              // of the end; written before ended is closed

	// Of the script's goroutine.
	asking map[int]chan *Errand // who waits for the outcome of a step
}

// ErrEnded is the error of requests to a Live that has ended.
var ErrEnded = errors.New("the cluster has ended")

// BadStatement is the error of an impossible statement: nothing was done.
type BadStatement struct{ Err error }

func (e *BadStatement) Error() string { return e.Err.Error() }
func (e *BadStatement) Unwrap() error { return e.Err }

// Open starts the scenario's cluster and its load, and carries out its steps at their times; the
// scenario's Run does not matter. It returns when the members' processes run: there may be no leader
// yet. rec is Live's until Close has returned. Errors: a RefusedError, and those of the start, after
// which nothing is left.
//
// When ctx is done the cluster ends, without the final state that Close collects.
func (e Engine) Open(ctx context.Context, s *sim.Scenario, rec *sim.Recorder) (*Live, error) {
	if rs := e.Refuse(s); len(rs) > 0 {
		return nil, &sim.RefusedError{Scenario: s.Name, Engine: e.Name(), Refusals: rs}
	}
	r, err := newRun(ctx, e, s, rec, nil)
	if err != nil {
		return nil, err
	}
	if err := r.start(); err != nil {
		return nil, r.finish(err)
	}
	l := &Live{r: r, opt: e, ended: make(chan struct{}), asking: map[int]chan *Errand{}}
	left, leave := context.WithCancel(context.Background())
	l.left, l.leave = left.Done(), leave
	r.end, r.asks, r.outcome = never, make(chan func()), l.outcome
	go func() {
		defer close(l.ended)
		l.err = r.finish(r.script())
	}()
	context.AfterFunc(left, func() {
		_ = l.ask(context.Background(), func() { r.end = 0 }) // an error says that it has ended already
	})
	return l, nil
}

// Close ends the load, waits for operations in progress, collects the cluster's final state, and stops
// everything. That takes up to some seconds if the cluster does not answer; the end of ctx cuts it
// short, with its error. Later calls return the first call's error.
func (l *Live) Close(ctx context.Context) error {
	l.leave()
	select {
	case <-l.ended:
	case <-ctx.Done():
		l.r.stop()
		<-l.ended
	}
	return l.err
}

// Ended is closed when nothing of the cluster is left.
func (l *Live) Ended() <-chan struct{} { return l.ended }

// Cluster is the cluster, for inspection. What is done to it other than by statements is not in the trace.
func (l *Live) Cluster() *cluster.Real { return l.r.cluster }

// Now is the time of the run.
func (l *Live) Now() time.Duration { return l.r.now() }

// ask has do done on the script's goroutine and waits for it. Errors: ErrEnded, or ctx's, after which
// do is not called any more.
func (l *Live) ask(ctx context.Context, do func()) error {
	done := make(chan struct{})
	select {
	case l.r.asks <- func() { defer close(done); do() }:
		<-done
		return nil
	case <-l.ended:
		return ErrEnded
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Do carries out a statement now and returns it with the members in place of its selectors. Errors:
// those of Begin, and the cluster's. It does not wait for what a statement starts.
func (l *Live) Do(ctx context.Context, st sim.Step) (text string, err error) {
	e, err := l.Begin(ctx, st)
	if err != nil {
		return "", err
	}
	return e.Text, e.Err
}

// Begin carries out a statement now. The step's At is set; with For above 0 the fault ends by itself. A
// statement that names the leader waits for one until ctx is done.
//
// Errors: a *BadStatement, ErrEnded and ctx's; the Errand has sim.ErrNoLeader if ctx ended before
// there was one, and the cluster's errors. Except after a BadStatement and ErrEnded, the step is part of
// the script.
func (l *Live) Begin(ctx context.Context, st sim.Step) (e *Errand, err error) {
	outcome, step := make(chan *Errand, 1), 0
	asked := l.ask(ctx, func() {
		l.r.keepAppointments() // what was due comes first
		if err = l.admit(&st); err != nil {
			return
		}
		step = l.r.next
		l.asking[step] = outcome
		l.r.next++
		l.r.fire(step)
	})
	if err = errors.Join(asked, err); err != nil {
		return nil, err
	}
	select {
	case f := <-outcome:
		return f, nil
	case <-ctx.Done():
	case <-l.ended:
	}
	_ = l.ask(context.Background(), func() { l.r.giveUp(step) }) // or it has ended, which the next line sees
	select {
	case f := <-outcome:
		return f, nil
	default:
		return nil, ErrEnded
	}
}

// Wait waits until what a statement started is done: a membership change, a compaction, a
// defragmentation, a snapshot, a put. Errors: its own; ErrEnded; and ctx's, after which it goes on.
func (l *Live) Wait(ctx context.Context, e *Errand) error {
	select {
	case <-e.done:
		return e.err()
	case <-l.ended:
		return ErrEnded
	case <-ctx.Done():
		return ctx.Err()
	}
}

// outcome passes a step's outcome to whoever waits for it.
func (l *Live) outcome(step int, e *Errand) {
	if c := l.asking[step]; c != nil {
		delete(l.asking, step)
		c <- e
	}
}

// timeUnit is what the times of typed statements are rounded to: people read the script.
const timeUnit = time.Millisecond

// admit puts a step into the script as the next one, if it can be there.
func (l *Live) admit(st *sim.Step) error {
	r := l.r
	s := *r.scenario()
	st.At = r.now().Truncate(timeUnit)
	if r.next > 0 {
		st.At = max(st.At, s.Steps[r.next-1].At)
	}
	if r.next < len(s.Steps) { // it may have become due just now
		st.At = min(st.At, s.Steps[r.next].At)
	}
	s.Steps = slices.Insert(slices.Clone(s.Steps), r.next, *st)
	if err := l.refuse(&s, r.next); err != nil {
		return &BadStatement{err}
	}
	for _, m := range s.Members()[len(r.cluster.Members()):] {
		if err := l.expect(m.Name); err != nil {
			return err
		}
	}
	r.grown.Store(&s)
	r.injector.Extend(&s)
	r.stores.start()
	return nil
}

// refuse says why a step can't be in the script.
func (l *Live) refuse(s *sim.Scenario, step int) error {
	judged := *s
	judged.Run = never
	path := fmt.Sprintf("steps[%d].", step)
	for _, p := range judged.Validate() {
		if strings.HasPrefix(p.Path, path) {
			return p.Err
		}
	}
	for _, refusal := range l.opt.Refuse(s) {
		if refusal.Step == step+1 || refusal.What == "cluster.members" {
			return errors.New(refusal.Reason)
		}
	}
	return nil
}

// expect makes room for a member that a statement names for the first time.
func (l *Live) expect(name string) error {
	l.r.mu.Lock()
	for len(l.r.views) <= len(l.r.cluster.Members()) { // first: from then on others look for it
		l.r.views = append(l.r.views, newView())
	}
	l.r.mu.Unlock()
	m, err := l.r.cluster.Expect(name)
	if err != nil {
		return err
	}
	return l.r.load.connect(m)
}

// Scenario is what has been run so far, with the steps that came in and their times: run again, it
// does the same. Steps still to come are left out. It expects of statements that were not carried out
// that they are not: whoever gave them was told.
func (l *Live) Scenario() *sim.Scenario {
	s := *l.r.scenario()
	_ = l.ask(context.Background(), func() { s = *l.r.scenario() }) // after the end it is settled
	s.Expect, s.Run = l.r.expected(&s), max(l.r.scriptTime().Truncate(timeUnit), 0)+timeUnit
	s.Steps = slices.DeleteFunc(slices.Clone(s.Steps), func(st sim.Step) bool { return st.At > s.Run })
	for i, st := range s.Steps {
		if st.At+st.For > s.Run {
			s.Steps[i].For = 0 // it lasted until the end
		}
	}
	return &s
}

// Known is what the next Open must know of the members, besides their data, to resume them.
func (l *Live) Known() []cluster.KnownMember {
	list := l.r.cluster.Known()
	learners := map[string]bool{}
	for _, m := range (powers{l.r}).Members() {
		learners[l.r.scenario().MemberName(m.ID)] = m.Learner
	}
	for i := range list {
		list[i].Learner = learners[list[i].Name]
	}
	return list
}

// expected is what the script has come to, where it was not carried out.
func (r *run) expected(s *sim.Scenario) (list []sim.Expectation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, st := range s.Steps {
		outcome, not := r.notDone[i+1]
		e := sim.Expectation{Outcome: outcome, Statement: st.Do.String()}
		if not && !slices.Contains(list, e) {
			list = append(list, e)
		}
	}
	return list
}
