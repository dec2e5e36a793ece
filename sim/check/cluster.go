package check

import "quorumlab/sim"

// ClusterView is what an omniscient observer knows of the cluster at a moment
// of a trace. The checks judge by it, and figures draw it, so that both mean the
// same by a leader and by a connection.
type ClusterView struct{ view *view }

// NewClusterView is the cluster before the trace's first event.
func NewClusterView(t *sim.Trace) *ClusterView { return &ClusterView{newView(t)} }

// Apply takes the trace's next event and reports whether it changed the cluster.
func (c *ClusterView) Apply(e *sim.Event) bool { return c.view.apply(e) }

// Runs reports whether the member's process is up and not paused.
func (c *ClusterView) Runs(m sim.MemberID) bool { return c.view.runs(m) }

// Voter reports whether the member has a vote in the newest configuration.
func (c *ClusterView) Voter(m sim.MemberID) bool {
	x := c.view.member(m)
	return x != nil && x.voter
}

// Reaches reports whether both members run and messages pass from one to the other.
func (c *ClusterView) Reaches(from, to sim.MemberID) bool {
	return c.Runs(from) && c.Runs(to) && (from == to || !c.view.cut[c.view.link(from, to)])
}

// Quorum is how many voters make a quorum.
func (c *ClusterView) Quorum() int { return c.view.quorum() }

// Leader is the member that can lead, and its term: it runs, considers itself the
// leader, and is connected both ways to a quorum of voters none of which knows a
// higher term. 0: no member can.
func (c *ClusterView) Leader() (m sim.MemberID, term uint64) {
	l := c.view.leader()
	return l.member, l.term
}
