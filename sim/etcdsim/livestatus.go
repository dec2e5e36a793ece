package etcdsim

import (
	"context"
	"slices"
	"sync"
	"time"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"

	"quorumlab/sim"
)

// LiveStatus is a cluster at one moment.
type LiveStatus struct {
	At      time.Duration
	Members []LiveMember // its members, by number
	Faults  []LiveFault  // that last, the oldest first
}

// LiveMember is one member. What the member itself reports is zero if it does not answer: the sizes,
// Alarms, and Answers.
type LiveMember struct {
	ID        sim.MemberID
	Name      string
	ClientURL string
	Learner   bool // it has no vote, whether it is up or not
	Up        bool // its process runs; a paused one does
	Paused    bool
	Role      sim.Role
	Term      uint64
	Leader    sim.MemberID // the member that it takes for the leader; 0: it knows none
	Commit    uint64       // its commit index
	Answers   bool
	DB, InUse sim.Size // of its database file
	Alarms    []string // as etcd words them
}

// LiveFault is a statement whose effect lasts.
type LiveFault struct {
	Text  string // with members in place of its selectors
	Since time.Duration
}

// answerTimeout is how long a member may take to say how it is.
const answerTimeout = 500 * time.Millisecond

// Status reports the cluster's state. Errors: ErrEnded and ctx's.
func (l *Live) Status(ctx context.Context) (LiveStatus, error) {
	var s LiveStatus
	err := l.ask(ctx, func() {
		s.At = l.r.now()
		for _, f := range l.r.injector.Active() {
			s.Faults = append(s.Faults, LiveFault{f.Text, l.r.scenario().Steps[f.Step].At})
		}
	})
	if err != nil {
		return s, err
	}
	l.r.sampleCommits()
	for _, m := range (powers{l.r}).Members() {
		s.Members = append(s.Members, l.member(m))
	}
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	var all sync.WaitGroup
	for i := range s.Members {
		if m := &s.Members[i]; m.Up && !m.Paused {
			all.Go(func() { l.question(ctx, m) })
		}
	}
	all.Wait()
	return s, nil
}

// member is what the run knows of a member.
func (l *Live) member(is sim.MemberStatus) LiveMember {
	id, m := is.ID, l.r.cluster.Member(is.ID)
	l.r.mu.Lock()
	defer l.r.mu.Unlock()
	v := l.r.view(id)
	return LiveMember{
		ID: id, Name: m.Name, ClientURL: m.ClientURL(), Learner: is.Learner, Up: v.up, Paused: v.paused,
		Role: v.role, Term: v.term, Leader: v.lead, Commit: v.commit,
	}
}

// question asks the member itself.
func (l *Live) question(ctx context.Context, m *LiveMember) {
	r, err := pb.NewMaintenanceClient(l.r.load.conn(m.ID).ActiveConnection()).Status(ctx, &pb.StatusRequest{})
	if err != nil {
		return
	}
	m.Answers, m.DB, m.InUse = true, sim.Size(r.DbSize), sim.Size(r.DbSizeInUse)
	m.Alarms = slices.Clone(r.Errors)
}
