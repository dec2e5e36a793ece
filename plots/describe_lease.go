package plots

import (
	"fmt"
	"time"

	"quorumlab/sim"
)

// lease tells what a client asked of a lease, what it was answered, or what became of it.
func (d describer) lease() string {
	e := d.e
	who := fmt.Sprintf("client %d, lease %s: ", e.Client, e.Key)
	if e.Kind == sim.KindLease {
		switch e.Count {
		case sim.LeaseKept:
			return who + "is kept alive from now on"
		case sim.LeaseLeft:
			return who + "is no longer kept alive" + d.note()
		case sim.LeaseKeyed:
			return who + fmt.Sprintf("its keys are written, in revision %d", e.Revision)
		}
		return who + fmt.Sprintf("has ended, in revision %d, as %s shows first", e.Revision, d.name())
	}
	what := map[uint32]string{sim.LeaseGrant: "a grant", sim.LeaseKeepAlive: "a renewal",
		sim.LeaseRevoke: "a revocation"}[e.Count]
	if e.Kind == sim.KindLeaseAsked {
		return who + what + " is asked for"
	}
	if e.Result != sim.OutcomeOK || e.Count == sim.LeaseRevoke {
		return who + fmt.Sprintf("%s, %v%s", what, e.Result, d.note())
	}
	return who + fmt.Sprintf("%s, for %s from now on", what, sim.FormatDuration(time.Duration(e.Value)*time.Millisecond))
}
