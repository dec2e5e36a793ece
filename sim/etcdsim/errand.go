package etcdsim

import (
	"errors"
	"sync"

	"quorumlab/sim/script"
)

// Errand is a statement that was carried out, and what it started and left to others to finish, like a
// membership change, which etcd may refuse for seconds.
type Errand struct {
	script.Fired               // outcome of the statement itself; written before done is closed
	done         chan struct{} // closed when nothing is left to do

	mu   sync.Mutex
	open int // parts that are not done
	over bool
	errs []error
}

func newErrand() *Errand { return &Errand{done: make(chan struct{})} }

// begin adds a part. end ends it, once, with what went wrong. What begins when all else is done is
// waited for by nobody.
func (e *Errand) begin() (end func(error)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.open++
	return func(err error) {
		e.mu.Lock()
		defer e.mu.Unlock()
		if err != nil {
			e.errs = append(e.errs, err)
		}
		if e.open--; e.open == 0 && !e.over {
			e.over = true
			close(e.done)
		}
	}
}

// err is what went wrong with the parts, once it is done.
func (e *Errand) err() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return errors.Join(e.errs...)
}
