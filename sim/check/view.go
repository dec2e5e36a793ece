package check

import "quorumlab/sim"

// view is what an omniscient observer knows of the cluster at a moment:
// the events folded into who is up, who can talk to whom, and who considers itself
// what.
type view struct {
	members []member // a member's place is its ID less 1
	epoch   int      // how many new clusters there were; terms and indexes start over in each
	cut     []bool   // from*len(members) + to
}

type member struct {
	up, paused bool
	voter      bool
	learner    bool
	configAt   uint64 // log index of the newest configuration that named it
	role       sim.Role
	term       uint64
	leader     sim.MemberID
}

// newView is the cluster before its first event.
func newView(t *sim.Trace) *view {
	n := len(t.Members)
	v := &view{members: make([]member, n), cut: make([]bool, n*n)}
	for i, m := range t.Scenario.Cluster.Members {
		if i < n {
			v.members[i].voter, v.members[i].learner = m.Role != sim.Learner, m.Role == sim.Learner
		}
	}
	return v
}

// member is the member's state, or nil for an ID that no member has.
func (v *view) member(id sim.MemberID) *member {
	if id == 0 || int(id) > len(v.members) {
		return nil
	}
	return &v.members[id-1]
}

// viewKinds are the kinds that can change a view.
var viewKinds = sim.Kinds(sim.KindNewCluster, sim.KindState, sim.KindStarted, sim.KindCrashed, sim.KindPanicked,
	sim.KindPaused, sim.KindResumed, sim.KindLinkCut, sim.KindLinkMended, sim.KindMembership)

// apply takes the next event and reports whether it changed the view.
func (v *view) apply(e *sim.Event) bool {
	if e.Kind == sim.KindNewCluster {
		v.begin(e)
		return true
	}
	m := v.member(e.Member)
	if m == nil {
		return false
	}
	switch e.Kind {
	case sim.KindState:
		m.up, m.role, m.term, m.leader = true, e.Role, e.Term, e.Peer
	case sim.KindStarted:
		*m = member{up: true, voter: m.voter, learner: m.learner, configAt: m.configAt, term: m.term}
	case sim.KindCrashed, sim.KindPanicked:
		m.up, m.paused, m.role, m.leader = false, false, sim.RoleNone, 0
	case sim.KindPaused, sim.KindResumed:
		m.paused = e.Kind == sim.KindPaused
	case sim.KindLinkCut, sim.KindLinkMended:
		if v.member(e.Peer) == nil {
			return false
		}
		v.cut[v.link(e.Member, e.Peer)] = e.Kind == sim.KindLinkCut
	case sim.KindMembership:
		p := v.member(e.Peer)
		if p == nil || e.Index < p.configAt {
			return false // a laggard applies what others have left behind
		}
		p.learner, p.configAt = e.Role == sim.Learner, e.Index
		p.voter = e.Role != sim.RoleNone && !p.learner
	default:
		return false
	}
	return true
}

// begin takes the members for those of a new cluster.
func (v *view) begin(e *sim.Event) {
	v.epoch++
	for i := range v.members {
		m := &v.members[i]
		in := m.voter || m.learner
		if e.Member != 0 {
			in = e.Member == sim.MemberID(i+1)
		}
		*m = member{voter: in}
	}
}

func (v *view) link(from, to sim.MemberID) int {
	return int(from-1)*len(v.members) + int(to-1)
}

// runs reports whether the member's process is there and not stopped.
func (v *view) runs(id sim.MemberID) bool {
	m := v.member(id)
	return m != nil && m.up && !m.paused
}

// connected reports whether two members run and messages pass both ways.
func (v *view) connected(a, b sim.MemberID) bool {
	return v.runs(a) && v.runs(b) && (a == b || !v.cut[v.link(a, b)] && !v.cut[v.link(b, a)])
}

// quorum is how many voters make a quorum.
func (v *view) quorum() int {
	n := 0
	for _, m := range v.members {
		if m.voter {
			n++
		}
	}
	return n/2 + 1
}

// led is a leader and the term in which it leads, of which cluster.
type led struct {
	member sim.MemberID
	term   uint64
	epoch  int
}

// leader is the member that can lead: it runs, considers itself the leader, and
// is connected to a quorum of voters none of which knows a higher term. With two,
// which one-way cuts make possible, it is that of the higher term.
func (v *view) leader() (l led) {
	for i := range v.members {
		m := &v.members[i]
		if m.role == sim.Leader && m.term > l.term && v.leads(sim.MemberID(i+1)) {
			l = led{sim.MemberID(i + 1), m.term, v.epoch}
		}
	}
	return l
}

func (v *view) leads(id sim.MemberID) bool {
	term, with := v.members[id-1].term, 0
	for i := range v.members {
		if m := &v.members[i]; m.voter && m.term <= term && v.connected(id, sim.MemberID(i+1)) {
			with++
		}
	}
	return with >= v.quorum()
}

// knownToOthers reports whether the leader is the one that its voters follow: every
// voter that is connected to it, and so a quorum, considers it the leader of its
// term.
func (v *view) knownToOthers(l led) bool {
	for i := range v.members {
		m := &v.members[i]
		if m.voter && v.connected(l.member, sim.MemberID(i+1)) && (m.leader != l.member || m.term != l.term) {
			return false
		}
	}
	return v.leads(l.member)
}
