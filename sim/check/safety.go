package check

import (
	"slices"

	"quorumlab/sim"
)

// safetyNeeds are the kinds that the safety rules are about.
var safetyNeeds = sim.Kinds(sim.KindState, sim.KindAppended, sim.KindTruncated, sim.KindCommitted,
	sim.KindApplied, sim.KindSnapshotInstalled, sim.KindStarted, sim.KindCrashed, sim.KindPanicked, sim.KindLost,
	sim.KindNewCluster)

func init() {
	registerCheck("safety",
		"Raft's safety rules: one leader per term, matching logs, leaders that only append and hold everything committed, "+
			"equal state machines (Raft paper, figure 3)",
		true, judgeSafety)
}

// judgeSafety judges the events that a trace kept. Without all of the kinds that
// it needs it can find a broken rule but not acquit.
func judgeSafety(r *run) sim.Verdict {
	t := r.t
	s := NewSafety()
	for e := range t.All(safetyNeeds) {
		s.Observe(e)
	}
	v := s.Verdict(t)
	if v.OK && t.Lacks(safetyNeeds) {
		v.OK, v.Unknown = false, true
		v.Why = "the trace was kept without the log's events, and what is left breaks no rule; judge the run while it goes " +
			"on, or keep all events"
	}
	return v
}

// Safety judges Raft's safety rules event by event, each in constant time, about
// what recording the event takes. It is an observer of a run, so that it also sees
// the events that are too many to keep.
//
// The rules are those of the Raft paper's figure 3, each reduced to a question
// about the event at hand:
//
//   - Election safety: a term has one leader.
//   - Leader append-only: a leader removes or replaces no entry of its log.
//   - Log matching: an entry is known by index and term; whoever appends it has the
//     same content, after an entry of the same term. By induction the logs are
//     equal up to there.
//   - Leader completeness: a leader holds the last entry that was committed in an
//     earlier term; by log matching it holds all before it.
//   - State machine safety: who commits or applies an index takes the same entry as
//     everybody else, and does not take it back.
//   - A member's commit index does not go back while it runs.
//
// An entry counts as committed in the term that the first member to say so was in.
// That may be later than the term of the leader that committed it, never earlier:
// so completeness is asked of fewer leaders than it could be, but never of an
// innocent one. (A leader of an old term may come to power late, and need not hold
// what a newer one has committed.)
type Safety struct {
	leaders paged[witness] // by term
	entries paged[entry]   // by index: the first that was appended there
	forks   map[fork]entry // the others at that index
	commits paged[entry]   // by index; term 0: the committer's log is not visible
	applied paged[entry]   // by index
	tops    []top          // the highest index committed in each term, as they came up
	members []safeMember   // a member's place is its ID

	asked  [rules]int // how often each rule was put to the test
	broken []breach   // the first of each rule
	count  int        // of all breaches
}

// witness is who did something first; seq 0: nobody has.
type witness struct {
	seq    uint64
	member sim.MemberID
}

// entry is a log entry and who had it first.
type entry struct {
	term, prev, hash uint64
	witness
}

// fork tells entries apart that stand at one index.
type fork struct{ index, term uint64 }

// top is the highest index that was committed in a term.
type top struct{ term, index uint64 }

// safeMember is what Safety knows of a member. Its log holds the entries up to
// last; their terms are known from first on, and what lies before came with a
// snapshot or from before the run.
type safeMember struct {
	role            sim.Role
	term            uint64
	commit, applied uint64
	first, last     uint64
	log             paged[uint64] // terms
}

// NewSafety is a judge who has seen nothing yet.
func NewSafety() *Safety { return &Safety{} }

var _ sim.Choosy = (*Safety)(nil)

// Kinds are those that the rules are about.
func (*Safety) Kinds() sim.KindSet { return safetyNeeds }

// Observe takes the next event.
func (s *Safety) Observe(e *sim.Event) {
	switch e.Kind {
	case sim.KindAppended:
		s.append(s.member(e.Member), e)
	case sim.KindCommitted:
		s.commit(s.member(e.Member), e)
	case sim.KindApplied:
		s.apply(s.member(e.Member), e)
	case sim.KindState:
		s.state(s.member(e.Member), e)
	case sim.KindTruncated:
		s.truncate(s.member(e.Member), e)
	case sim.KindSnapshotInstalled:
		s.install(s.member(e.Member), e)
	case sim.KindLost:
		s.member(e.Member).cutOff(e.Index)
	case sim.KindCrashed, sim.KindPanicked:
		s.member(e.Member).role = sim.RoleNone
	case sim.KindNewCluster:
		s.forget()
	case sim.KindStarted:
		s.member(e.Member).start(e)
	}
}

// forget drops what is known of terms and logs: those of a new cluster are others. What was found
// broken stays.
func (s *Safety) forget() {
	*s = Safety{asked: s.asked, broken: s.broken, count: s.count}
}

func (s *Safety) member(id sim.MemberID) *safeMember {
	if have := len(s.members); int(id) >= have {
		s.members = slices.Grow(s.members, max(8, int(id)+1)-have)[:int(id)+1]
		for i := have; i < len(s.members); i++ {
			s.members[i].first = 1
		}
	}
	return &s.members[id]
}

func (s *Safety) append(m *safeMember, e *sim.Event) {
	s.asked[logMatching]++
	i := e.Index
	switch {
	case i <= m.last && m.role == sim.Leader:
		s.breach(appendOnly, replacedOwn, e, witness{})
	case i > m.last+1: // the log is not visible from its beginning
		m.first = i
	case m.knows(i-1) && *m.log.at(i - 1) != e.LogTerm:
		s.breach(logMatching, wrongPlace, e, witness{})
	}
	*m.log.at(i) = e.Term
	m.first, m.last = min(m.first, i), i

	now := entry{e.Term, e.LogTerm, e.Value, witness{e.Seq, e.Member}}
	known := s.entries.at(i)
	if known.seq != 0 && known.term != e.Term {
		f := s.forks[fork{i, e.Term}]
		if known = &f; f.seq == 0 {
			if s.forks == nil {
				s.forks = map[fork]entry{}
			}
			s.forks[fork{i, e.Term}] = now
		}
	}
	switch {
	case known.seq == 0:
		*known = now
	case known.prev != e.LogTerm:
		s.breach(logMatching, otherBefore, e, known.witness)
	case known.hash != e.Value:
		s.breach(logMatching, otherContent, e, known.witness)
	}
}

func (s *Safety) truncate(m *safeMember, e *sim.Event) {
	s.asked[appendOnly]++
	if m.role == sim.Leader && e.Index <= m.last {
		s.breach(appendOnly, removedOwn, e, witness{})
	}
	if e.Index <= m.commit {
		s.breach(stateMachineSafety, removedCommitted, e, witness{})
	}
	m.cutOff(e.Index)
}

func (s *Safety) commit(m *safeMember, e *sim.Event) {
	s.asked[commitOrder]++
	if e.Index < m.commit {
		s.breach(commitOrder, commitBack, e, witness{})
	}
	m.commit = e.Index
	s.raiseTop(m.term, e.Index)
	now := entry{witness: witness{e.Seq, e.Member}}
	if m.knows(e.Index) {
		now.term = *m.log.at(e.Index)
	}
	known := s.commits.at(e.Index)
	switch {
	case known.term == 0:
		*known = now
	case now.term != 0 && now.term != known.term:
		s.breach(stateMachineSafety, committedOther, e, known.witness)
	}
}

// raiseTop notes that a member in the term knows the index to be committed.
func (s *Safety) raiseTop(term, index uint64) {
	for i := len(s.tops) - 1; i >= 0; i-- { // the newest term is last, all but always
		if s.tops[i].term == term {
			s.tops[i].index = max(s.tops[i].index, index)
			return
		}
	}
	s.tops = append(s.tops, top{term, index})
}

func (s *Safety) apply(m *safeMember, e *sim.Event) {
	s.asked[stateMachineSafety]++
	if e.Index <= m.applied {
		s.breach(stateMachineSafety, appliedAgain, e, witness{})
	}
	m.applied = e.Index
	known := s.applied.at(e.Index)
	switch {
	case known.seq == 0:
		*known = entry{e.Term, 0, e.Value, witness{e.Seq, e.Member}}
	case known.term != e.Term || known.hash != e.Value:
		s.breach(stateMachineSafety, appliedOther, e, known.witness)
	}
}

// install replaces the member's log by a snapshot.
func (s *Safety) install(m *safeMember, e *sim.Event) {
	if known := s.applied.at(e.Index); known.seq != 0 && known.term != e.Term {
		s.breach(stateMachineSafety, installedOther, e, known.witness)
	}
	m.commit, m.applied = max(m.commit, e.Index), e.Index
	m.first, m.last = e.Index, e.Index
	*m.log.at(e.Index) = e.Term
}

func (s *Safety) state(m *safeMember, e *sim.Event) {
	elected := e.Role == sim.Leader && (m.role != sim.Leader || m.term != e.Term)
	m.role, m.term = e.Role, e.Term
	if !elected {
		return
	}
	s.asked[electionSafety]++
	known := s.leaders.at(e.Term)
	if known.seq != 0 && known.member != e.Member {
		s.breach(electionSafety, secondLeader, e, *known)
	} else if known.seq == 0 {
		*known = witness{e.Seq, e.Member}
	}
	s.complete(m, e)
}

// complete asks whether a new leader holds what was committed before its term.
func (s *Safety) complete(m *safeMember, e *sim.Event) {
	if s.asked[logMatching] == 0 {
		return // no log is visible
	}
	var last uint64
	for _, t := range s.tops {
		if t.term < e.Term {
			last = max(last, t.index)
		}
	}
	c := s.commits.at(last)
	if c.term == 0 {
		return
	}
	s.asked[leaderCompleteness]++
	if last > m.last || m.knows(last) && *m.log.at(last) != c.term {
		s.breach(leaderCompleteness, lacksCommitted, e, c.witness)
	}
}

// knows reports whether the term of the member's entry at the index is known.
func (m *safeMember) knows(i uint64) bool { return i >= m.first && i <= m.last }

// cutOff removes the entries from the index on.
func (m *safeMember) cutOff(from uint64) {
	if from <= m.last {
		m.last = max(from, 1) - 1
	}
	m.first = min(m.first, m.last+1)
}

// start begins a new life of the member with the log that its disk kept.
func (m *safeMember) start(e *sim.Event) {
	m.role, m.commit, m.applied = sim.RoleNone, 0, 0
	m.cutOff(e.Index + 1)
	if e.Index > m.last { // from before the run
		m.first, m.last = e.Index, e.Index
		*m.log.at(e.Index) = e.LogTerm
	}
}
