package plots

import (
	"fmt"

	"quorumlab/sim"
)

// lock tells what happened between a client and a lock.
func (d describer) lock() string {
	e := d.e
	who := fmt.Sprintf("client %d, lock %s: ", e.Client, e.Key)
	switch e.Count {
	case sim.LockWanted:
		return who + "it asks for it"
	case sim.LockHeld:
		return who + fmt.Sprintf("it has it, with the token %d", e.Revision)
	case sim.LockReleased:
		return who + "it gives it back"
	case sim.LockLost:
		return who + "it notices that its session is over"
	case sim.LockFailed:
		return who + "it did not get it" + d.note()
	}
	how := "taken"
	if e.Result != sim.OutcomeOK {
		how = "refused"
	}
	return who + fmt.Sprintf("a write with the token %d is %s; the newest before was %d", e.Revision, how, e.Old)
}
