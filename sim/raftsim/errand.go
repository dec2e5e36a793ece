package raftsim

import (
	"errors"
	"slices"

	"quorumlab/sim"
	"quorumlab/sim/script"
)

// errand is what a statement has begun and what the cluster still has to finish, such as a
// change of the members.
type errand struct {
	r     *run
	fired script.Fired
	ready bool // the statement itself has been carried out
	open  int  // parts that are not done
	parts int  // how many there were
	errs  []error
	why   error // why the part that is asked for again and again was refused last

	// patient says that clients wait for it, who have some time behind the end of the script.
	patient bool
}

// begin adds a part. end ends it, once, with what went wrong.
func (e *errand) begin() (end func(error)) {
	e.open++
	e.parts++
	return func(err error) {
		e.open--
		if err != nil {
			e.errs = append(e.errs, err)
		}
		e.settle()
	}
}

// settle tells what became of it, once all parts are done.
func (e *errand) settle() {
	if !e.ready || e.open > 0 {
		return
	}
	e.r.errands = slices.DeleteFunc(e.r.errands, func(o *errand) bool { return o == e })
	switch err := errors.Join(e.errs...); {
	case err != nil && len(e.errs) < e.parts:
		e.r.injector.Failed(e.fired, sim.InPart(err))
	case err != nil:
		e.r.injector.Failed(e.fired, err)
	case e.parts > 0:
		e.r.injector.Done(e.fired)
	}
}
