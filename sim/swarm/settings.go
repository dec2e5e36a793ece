package swarm

import (
	"math/rand/v2"

	"quorumlab/sim"
)

// Members may differ in what follows from their settings, and a member may come back with others: a rolling change of
// settings is one of the most common operations there are. The streams are their own, so that the rest of a seed's
// scenario stays as it is.

// drawOwn gives some clusters a member with settings of its own.
func drawOwn(r *rand.Rand, c *sim.ClusterSpec) {
	if oneIn(r, 4) {
		c.Members[sim.Below(r, int64(len(c.Members)))].MemberSettings = ownSettings(r, c)
	}
}

// reconfigure has some of the script's restarts change settings.
func (d *drawer) reconfigure() {
	r := sim.Stream(d.s.Seed, "swarm changed settings")
	if !oneIn(r, 3) {
		return
	}
	for i := range d.s.Steps {
		if d.s.Steps[i].Do.Verb == "restart" && oneIn(r, 2) {
			d.s.Steps[i].Do.With = ownSettings(r, &d.s.Cluster)
		}
	}
}

// ownSettings draws settings under which nothing that is committed may be lost either. What they change takes no time,
// so the faults still last as long as they have to.
func ownSettings(r *rand.Rand, c *sim.ClusterSpec) (own sim.MemberSettings) {
	if oneIn(r, 2) {
		own.PreVote = new(!c.PreVote)
	}
	if oneIn(r, 2) || own.IsZero() {
		own.SnapshotCount = new(uint64(pick(r, 10, 50, 1000)))
	}
	if oneIn(r, 2) {
		own.CatchUpEntries = new(uint64(pick(r, 1, 5, 20, 500)))
	}
	return own
}
