package raftsim

import (
	"math/rand/v2"
	"time"

	pb "go.etcd.io/raft/v3/raftpb"
)

// batchInterval is how often etcd commits what its database has gathered.
const batchInterval = 100 * time.Millisecond

// backend is a member's database as etcd keeps it (server/storage/backend): what is
// applied gathers in a batch, which is committed 100 ms after the last commit, if there
// is anything in it. A commit takes two fsyncs. It holds the database's lock, so what
// would be applied or read meanwhile waits for its end.
type backend struct {
	began    time.Duration // the interval
	changed  bool          // since the last commit
	busy     bool          // a commit is under way
	held     bool          // it waits for a stalled disk
	number   int           // of the commit; what belongs to an earlier one is void
	entries  []*pb.Entry   // to be applied
	readings []*op         // to be read
	random   *rand.Rand
}

// open is a database that nobody has written to.
func (b *backend) open(now time.Duration) {
	*b = backend{began: now, number: b.number + 1, random: b.random}
}

// touch notes a change, which the next commit includes.
func (m *member) touch() {
	b := &m.backend
	if b.changed {
		return
	}
	b.changed = true
	into := (m.r.now - b.began) % batchInterval
	number := b.number
	m.later(batchInterval-into, func() {
		if b.number == number {
			m.beginCommit()
		}
	})
}

func (m *member) beginCommit() {
	m.backend.busy = true
	switch state := &m.disk.state; {
	case state.Full:
		m.fail(errDiskFull)
	case state.Stalled:
		m.backend.held = true
	default:
		m.commitOnDisk()
	}
}

// commitOnDisk lets the disk work on the commit.
func (m *member) commitOnDisk() {
	b := &m.backend
	b.held = false
	number := b.number
	m.later(m.commitTime(), func() {
		if b.number == number {
			m.endCommit()
		}
	})
}

// endCommit resumes what had to wait.
func (m *member) endCommit() {
	b := &m.backend
	entries, readings := b.entries, b.readings
	b.open(m.r.now)
	m.store.file.commit()
	m.disk.store.file.unused = m.store.file.unused
	m.applyAll(entries)
	for _, o := range readings {
		m.answerRead(o)
	}
}

// flush applies what waits for a commit that will not end: a snapshot replaces the
// database.
func (m *member) flush() {
	entries := m.backend.entries
	m.backend.open(m.r.now)
	m.applyAll(entries)
}
