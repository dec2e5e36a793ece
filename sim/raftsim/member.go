package raftsim

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"

	"quorumlab/sim"
)

// member is a member of the cluster: its process, its disk and its clock.
type member struct {
	r    *run
	id   sim.MemberID
	name string

	up      bool
	paused  bool
	removed bool          // from the cluster, for good
	started bool          // its process has run at some time
	booted  time.Duration // when its process was started last

	copies map[string]*platter // of its disk, by name

	own sim.MemberSettings // in which it differs from the cluster
	has sim.ClusterSpec    // the cluster's settings as it has them

	// raft's timing in ticks; see sim.ClusterSpec.ElectionTicks
	tickTime     time.Duration
	beat, lo, hi int

	changedAt uint64 // the index of the last change of the membership that was about it
	bearer    uint32 // counts the members of this name that there were before
	bornAt    uint64 // the index of the change that added it, if there were any
	published bool   // it has followed a leader, and the cluster knows its name
	life      uint32 // counts the lives of the process; what belongs to an earlier one is void

	node     *raft.RawNode
	peek     peek
	standing standing
	ticker   ticker
	drift    sim.Share
	draws    int // election timeouts that raft has drawn
	disk     disk
	conf     *pb.ConfState // applied

	// The log and the state machine, as the process has them in memory.
	last    entryID
	commit  uint64
	applied uint64
	term    uint64 // of the entry at applied
	store   store
	backend backend

	// Writes: in etcd's loop the one that the loop waits for, in the asynchronous one
	// the group that is being synced and those behind it. held: the disk is stalled.
	writing *write
	loop    write // where writing points to
	group   []*write
	queued  []*write
	held    bool
	unseen  bool // the disk is done with the write, and the paused process has not seen it

	sending int // snapshots under way to others: the log is not compacted meanwhile

	inbox    []event       // of a paused process
	hopeful  []*op         // writes that wait until a leader is known
	stranded []*pb.Message // proposals of other members that do
	proposed map[uint64]*op
	reads    reads

	election, clock *rand.Rand
}

// entryID names an entry of a log.
type entryID struct{ index, term uint64 }

// standing is what a member is and whom it follows.
type standing struct {
	role sim.Role
	term uint64
	lead sim.MemberID
}

func newMember(r *run, id sim.MemberID, spec sim.MemberSpec) *member {
	m := &member{r: r, id: id, name: spec.Name}
	m.election = r.stream("election ", spec.Name)
	m.clock = r.stream("clock ", spec.Name)
	m.disk.random = r.stream("disk ", spec.Name)
	m.disk.store = newStore()
	m.backend.random = r.stream("database ", spec.Name)
	m.own = spec.MemberSettings
	m.configure()
	return m
}

func (m *member) record(e sim.Event) {
	e.Member = m.id
	m.r.record(e)
}

// votes reports whether the member may campaign by the configuration that it applied.
func (m *member) votes() bool {
	id := uint64(m.id)
	return slices.Contains(m.conf.GetVoters(), id) || slices.Contains(m.conf.GetVotersOutgoing(), id)
}

// boot starts the process from what the disk holds. Its clock starts with a delay.
func (m *member) boot(delay time.Duration) {
	m.life++
	m.up, m.started, m.booted = true, true, m.r.now
	w := &m.disk.wal
	m.last = entryID{w.last(), w.termAt(w.last())}
	m.commit = w.hard.GetCommit()
	m.applied, m.term = m.disk.index, w.termAt(m.disk.index)
	m.store = m.disk.store.clone()
	m.conf = m.disk.confAt(m.applied)
	m.backend.open(m.r.now)
	m.standing = standing{}
	m.proposed = map[uint64]*op{}
	m.configure()
	m.ticker.began(m.r.now+delay, m.period())
	m.record(sim.Event{Kind: sim.KindStarted, Index: m.last.index, LogTerm: m.last.term, Commit: m.commit})
	m.do(func() { m.node, m.peek = m.newNode() })
}

// restart starts the process of a member of a cluster that is there.
func (m *member) restart() {
	m.boot(0)
	if m.up {
		m.hasten()
	}
}

// do lets act call raft on the member, with its clock up to date, and then does
// what follows from it. Everything that happens to a running member goes through it.
func (m *member) do(act func()) {
	defer m.catchPanic()
	m.r.inRaft = m
	if m.node != nil {
		m.catchUp()
	}
	act()
	m.follow()
	m.r.inRaft = nil
	if m.up {
		m.schedule()
	}
}

// follow does what follows from a call into raft. The process may have ended in it.
func (m *member) follow() {
	if !m.up {
		return
	}
	m.look()
	m.drain()
}

// look notices a change of role, term or leader.
func (m *member) look() {
	now := standing{m.role(), m.peek.term(), sim.MemberID(m.peek.lead())}
	if now == m.standing {
		return
	}
	m.standing = now
	m.record(sim.Event{Kind: sim.KindState, Role: now.role, Term: now.term, Peer: now.lead})
	if now.role == sim.Leader {
		m.r.leads(m.id)
		m.r.load.begin()
	}
	if now.lead != 0 {
		m.published = true
		m.proposeHopeful()
	}
}

func (m *member) role() sim.Role {
	switch m.peek.state() {
	case raft.StateLeader:
		return sim.Leader
	case raft.StateCandidate:
		return sim.Candidate
	case raft.StatePreCandidate:
		return sim.PreCandidate
	}
	if m.peek.isLearner() {
		return sim.Learner
	}
	return sim.Follower
}

// crash kills the process.
func (m *member) crash() {
	m.record(sim.Event{Kind: sim.KindCrashed})
	m.stop()
}

// fail is the end of a process that gives up by itself.
func (m *member) fail(why string) {
	m.record(sim.Event{Kind: sim.KindPanicked, Note: why})
	m.stop()
}

// stop ends the process: memory is gone, and the disk keeps what it keeps.
func (m *member) stop() {
	m.up, m.paused = false, false
	m.life++
	m.powerCut()
	m.dropUnsent()
	m.node, m.standing = nil, standing{}
	m.writing, m.group, m.queued, m.held, m.unseen = nil, nil, nil, false, false
	m.sending = 0
	m.hopeful, m.stranded, m.proposed, m.reads = nil, nil, nil, reads{}
	for _, e := range m.takeInbox() {
		m.r.happen(&e) // to nobody: messages are dropped
	}
	m.r.load.connectionsLost(m)
}

// raftPanic is what raft says when it gives up. See logger.
type raftPanic string

// catchPanic turns the end that raft makes of itself, on a disk that lost what it
// had promised, into the end of the process. Any other panic is a bug of ours.
func (m *member) catchPanic() {
	m.r.inRaft = nil
	switch p := recover().(type) {
	case nil:
	case raftPanic:
		m.fail(string(p))
	default:
		panic(p)
	}
}

// logger takes raft's log lines and keeps none: what they say is in the trace. A
// panic of raft comes through here too.
type logger struct{}

func (logger) Debug(...any)              {}
func (logger) Debugf(string, ...any)     {}
func (logger) Error(...any)              {}
func (logger) Errorf(string, ...any)     {}
func (logger) Info(...any)               {}
func (logger) Infof(string, ...any)      {}
func (logger) Warning(...any)            {}
func (logger) Warningf(string, ...any)   {}
func (logger) Fatal(v ...any)            { panic(raftPanic(fmt.Sprint(v...))) }
func (logger) Fatalf(f string, v ...any) { panic(raftPanic(fmt.Sprintf(f, v...))) }
func (logger) Panic(v ...any)            { panic(raftPanic(fmt.Sprint(v...))) }
func (logger) Panicf(f string, v ...any) { panic(raftPanic(fmt.Sprintf(f, v...))) }
