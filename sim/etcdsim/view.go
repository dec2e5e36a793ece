package etcdsim

import (
	"time"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
	"quorumlab/sim/etcdsim/cluster/memberlog"
	"quorumlab/sim/etcdsim/cluster/peerlink"
)

// view is what a run knows of a member.
type view struct {
	up, paused bool
	role       sim.Role
	term       uint64
	lead       sim.MemberID
	commit     uint64        // the last that the trace has of this life
	compacted  uint64        // the revision up to which it compacted in this life
	disk       sim.DiskState // what is wrong with it
	kept       uint64        // the commit index when its disk began to lie
	cut        map[sim.MemberID]bool
	ran        bool              // its process has run at some time
	copies     map[string]uint64 // of its data by name: how far they were committed
	promoted   bool              // it has applied, in this life, that it has a vote
}

func newView() view { return view{cut: map[sim.MemberID]bool{}} }

// view is the member's view, under the lock.
func (r *run) view(m sim.MemberID) *view { return &r.views[m-1] }

// started writes that a member's process begins.
func (r *run) started(m sim.MemberID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	v := r.view(m)
	v.up, v.paused, v.role, v.term, v.lead, v.commit, v.compacted = true, false, 0, 0, 0, 0, 0
	v.promoted, v.ran = false, true
	r.add(sim.Event{Kind: sim.KindStarted, Member: m})
}

// gone writes that a member's process is gone. Under the lock.
func (r *run) gone(m sim.MemberID, kind sim.Kind, note string) {
	v := r.view(m)
	v.up, v.paused, v.role, v.lead = false, false, 0, 0
	r.add(sim.Event{Kind: kind, Member: m, Note: note})
	if v.disk.Lying {
		e := sim.Event{Kind: sim.KindLost, Member: m, Note: "the disk had not kept what it had said"}
		if v.commit > v.kept { // of the rest of its log nothing is visible
			e.Index, e.Count = v.kept+1, uint32(v.commit-v.kept)
		}
		r.add(e)
	}
}

// died takes the end of a member that ended by itself.
func (r *run) died(m sim.MemberID, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case !r.view(m).up:
	case why == cluster.Removed:
		r.gone(m, sim.KindCrashed, cluster.Removed)
	default:
		r.gone(m, sim.KindPanicked, why)
	}
}

// message writes a raft message into the trace.
func (r *run) message(f peerlink.Fate, m peerlink.Message) {
	e := sim.Event{
		Member: sim.MemberID(m.From), Peer: sim.MemberID(m.To), ID: m.ID, Msg: sim.MsgType(m.Type),
		Term: m.Term, Index: m.Index, LogTerm: m.LogTerm, Commit: m.Commit, Reject: m.Reject, Count: uint32(m.Entries),
	}
	switch f {
	case peerlink.Sent:
		e.Kind = sim.KindSent
	case peerlink.Delivered:
		e.Kind = sim.KindDelivered
		e.Member, e.Peer = e.Peer, e.Member
	case peerlink.Dropped:
		e.Kind, e.Note = sim.KindDropped, string(m.Why)
	}
	r.record(e)
}

// fact takes what a member's log says.
func (r *run) fact(m sim.MemberID, f memberlog.LogFact) {
	peer := r.cluster.Number(f.Peer)
	r.mu.Lock()
	defer r.mu.Unlock()
	v := r.view(m)
	if !v.up {
		return // what it said before it died comes late
	}
	switch f.Kind {
	case memberlog.Follower, memberlog.PreCandidate, memberlog.Candidate, memberlog.Leader:
		r.role(m, f)
	case memberlog.KnowsLeader:
		r.knowsLeader(m, f.Term, peer)
	case memberlog.LostLeader:
		r.state(m, v.role, v.term, 0)
	case memberlog.Truncated:
		r.add(sim.Event{Kind: sim.KindTruncated, Member: m, Index: f.Index})
	case memberlog.SavedSnapshot:
		r.add(sim.Event{Kind: sim.KindSnapshotMade, Member: m, Index: f.Index})
	case memberlog.RestoredSnapshot:
		v.commit = max(v.commit, f.Index)
		r.add(sim.Event{Kind: sim.KindSnapshotInstalled, Member: m, Peer: v.lead, Index: f.Index, Term: f.Term})
	case memberlog.Compacted:
		v.compacted = max(v.compacted, f.Index)
		r.add(sim.Event{Kind: sim.KindStoreCompacted, Member: m, Revision: f.Index})
	case memberlog.AddedVoter, memberlog.AddedLearner, memberlog.Promoted, memberlog.Removed:
		r.membership(m, peer, f.Kind, f.Applied+1) // it is just being applied
	}
}

// role takes a change of role. Under the lock.
func (r *run) role(m sim.MemberID, f memberlog.LogFact) {
	v := r.view(m)
	lead := v.lead
	if f.Term > v.term || f.Kind == memberlog.Candidate {
		lead = 0
	}
	switch f.Kind {
	case memberlog.PreCandidate:
		r.state(m, sim.PreCandidate, f.Term, lead)
	case memberlog.Candidate:
		r.state(m, sim.Candidate, f.Term, lead)
	case memberlog.Leader:
		r.state(m, sim.Leader, f.Term, m)
		r.load.begin()
	default:
		if lead == m {
			lead = 0
		}
		r.state(m, sim.Follower, f.Term, lead)
	}
}

// knowsLeader takes that a member knows who leads in a term. One that was in a lower term follows from
// then on; raft says so a moment later. Under the lock.
func (r *run) knowsLeader(m sim.MemberID, term uint64, lead sim.MemberID) {
	v := r.view(m)
	role := v.role
	if term > v.term {
		role = sim.Follower
	}
	r.state(m, role, max(term, v.term), lead)
}

// state writes who a member is, when that has changed. Under the lock. Term 0 is raft's before it
// has read what the disk holds.
func (r *run) state(m sim.MemberID, role sim.Role, term uint64, lead sim.MemberID) {
	v := r.view(m)
	if role == sim.Follower && r.config[m] == sim.Learner {
		role = sim.Learner
	}
	if term == 0 || v.role == role && v.term == term && v.lead == lead {
		return
	}
	v.role, v.term, v.lead = role, term, lead
	r.add(sim.Event{Kind: sim.KindState, Member: m, Role: role, Term: term, Peer: lead})
}

// membership takes a configuration that a member applied. Under the lock.
func (r *run) membership(m, peer sim.MemberID, what memberlog.FactKind, index uint64) {
	if peer == 0 {
		return // removed long ago, and added again in the log that this member catches up with
	}
	is := sim.Follower
	switch what {
	case memberlog.AddedLearner:
		is = sim.Learner
	case memberlog.Removed:
		is = sim.RoleNone
	}
	r.add(sim.Event{Kind: sim.KindMembership, Member: m, Peer: peer, Role: is, Index: index})
	v := r.view(m)
	v.promoted = v.promoted || m == peer && what == memberlog.Promoted
	promoted := m == peer && is == sim.Follower && v.role == sim.Learner
	// What the leader applies is so from now on, and the others repeat it; but who is promoted
	// may hear of it from its log before the leader has applied it.
	if v.lead == m || r.leader() == m || promoted {
		r.configure(peer, is)
	}
	if promoted {
		r.state(m, is, v.term, v.lead) // raft's log does not say that it is no learner any more
	}
}

// configure notes what a member is from now on. Under the lock.
func (r *run) configure(m sim.MemberID, is sim.Role) {
	if is == sim.RoleNone {
		delete(r.config, m)
	} else {
		r.config[m] = is
	}
}

// leader is the member that leads in the highest term and is up, or 0. Under the lock.
func (r *run) leader() (best sim.MemberID) {
	for i, v := range r.views {
		if v.up && v.role == sim.Leader && (best == 0 || v.term > r.view(best).term) {
			best = sim.MemberID(i + 1)
		}
	}
	return best
}

// sampleEvery is how often the members' commit indexes are looked at.
const sampleEvery = 50 * time.Millisecond

func (r *run) watchCommits() {
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	for {
		r.sampleCommits()
		select {
		case <-tick.C:
		case <-r.ctx.Done():
			return
		}
	}
}

// sampleCommits writes the commit indexes that have moved.
func (r *run) sampleCommits() {
	for _, m := range r.cluster.Members() {
		s, up := m.Status()
		if !up {
			continue
		}
		r.mu.Lock()
		if v := r.view(m.ID); v.up && s.Committed > v.commit {
			v.commit = s.Committed
			r.add(sim.Event{Kind: sim.KindCommitted, Member: m.ID, Index: s.Committed})
		}
		r.mu.Unlock()
	}
}
