package etcdsim

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	"google.golang.org/grpc/codes"

	"quorumlab/sim"
	"quorumlab/sim/script"
)

// Errand is a statement that was carried out, and what it started and left to others to finish, like a
// membership change, which etcd may refuse for seconds.
type Errand struct {
	script.Fired               // outcome of the statement itself; written before done is closed
	done         chan struct{} // closed when nothing is left to do

	mu    sync.Mutex
	open  int  // parts that are not done
	parts int  // how many there were
	over  bool // told is called, or is about to be
	errs  []error
	why   error         // why the part that is asked for again and again was refused last
	told  func(*Errand) // hears the end, before done is closed; nil: the statement waits for a leader
}

func newErrand() *Errand { return &Errand{done: make(chan struct{})} }

// begin adds a part. end ends it, once, with what went wrong. What begins when all else is done is
// waited for by nobody.
func (e *Errand) begin() (end func(error)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.open++
	e.parts++
	return func(err error) {
		e.mu.Lock()
		if err != nil {
			e.errs = append(e.errs, err)
		}
		e.open--
		last := e.open == 0 && !e.over
		e.over = e.over || last
		e.mu.Unlock()
		if last {
			e.finish()
		}
	}
}

// giveUp ends what is still not done when the run ends. A member may stand still in the middle of it.
func (e *Errand) giveUp() {
	e.mu.Lock()
	last := !e.over
	if last {
		undone := sim.ErrRunEnded
		if e.why != nil {
			undone = fmt.Errorf("%w: %s", undone, e.why.Error())
		}
		e.over, e.errs = true, append(e.errs, sim.Unfinished(undone))
	}
	e.mu.Unlock()
	if last {
		e.finish()
	}
}

// refused notes why a part was refused that is asked for again.
func (e *Errand) refused(why error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.why = why
}

func (e *Errand) finish() {
	if e.told != nil {
		e.told(e)
	}
	close(e.done)
}

// err is what went wrong with the parts, once it is done.
func (e *Errand) err() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	err := errors.Join(e.errs...)
	if 0 < len(e.errs) && len(e.errs) < e.parts-1 { // the statement itself is a part
		return sim.InPart(err)
	}
	return err
}

// tell writes what came of a statement that was not over at once.
func (r *run) tell(e *Errand) {
	r.mu.Lock()
	r.errands = slices.DeleteFunc(r.errands, func(o *Errand) bool { return o == e })
	r.mu.Unlock()
	err := e.err()
	switch {
	case e.Err != nil: // which the trace says
	case err != nil:
		r.injector.Failed(e.Fired, err)
	case e.parts > 1:
		r.injector.Done(e.Fired)
	}
}

// giveUpErrands tells what is still not done when the run ends.
func (r *run) giveUpErrands() {
	r.mu.Lock()
	open := slices.Clone(r.errands)
	r.mu.Unlock()
	for _, e := range open {
		e.giveUp()
	}
}

// undone tells that a statement whose effect was to last has lost it.
func (r *run) undone(e *Errand, err error) {
	select {
	case <-e.done:
		r.injector.Failed(e.Fired, sim.Undone(err))
	case <-r.ctx.Done():
	}
}

// said is an error as the answer of a member: what its server says and not the connection is a refusal.
func said(m sim.MemberID, err error) error {
	var e rpctypes.EtcdError
	if !errors.As(err, &e) {
		e, _ = rpctypes.Error(err).(rpctypes.EtcdError)
	}
	switch e.Code() {
	case codes.Unavailable:
		if errors.Is(e, rpctypes.ErrUnhealthy) { // a rule of the server, and its answer
			return sim.RefusedBy(m, err)
		}
		return err
	case codes.OK, codes.DeadlineExceeded, codes.Canceled, codes.Unknown, codes.Internal:
		return err
	}
	return sim.RefusedBy(m, err)
}

// refused is an error of what the cluster was in no state for.
func refused(format string, args ...any) error { return sim.RefusedBy(0, fmt.Errorf(format, args...)) }
