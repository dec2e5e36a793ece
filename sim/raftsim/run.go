package raftsim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	pb "go.etcd.io/raft/v3/raftpb"

	"quorumlab/sim"
	"quorumlab/sim/script"
)

// run is one run of a scenario: all of its state, on one goroutine.
type run struct {
	engine   Engine
	s        *sim.Scenario
	rec      *sim.Recorder
	progress func(at time.Duration)

	now      time.Duration
	meter    sim.Meter // of the measure that ends the run, or nil
	queue    queue
	inRaft   *member // whose raft is being called, for random.go
	members  []*member
	links    []*link // by from and to, made when first used
	injector *script.Injector
	waiting  map[int]error // steps that wait for a leader, by place in the script
	load     load
	keys     keys
	config   config // the newest configuration that any member has applied
	changes  []*change
	errand   *errand   // of the step that is carried out
	errands  []*errand // that are not done

	handOvers   []*handOver
	compactions []*compaction

	changeCount uint64

	fsync, commit work          // what they take
	recorded      time.Duration // where in the machine's recordings the run begins

	events   int    // how many happened
	messages uint64 // how many were sent
	writes   uint64 // how many disk writes began
	over     bool   // Run has passed: nothing new begins
}

func newRun(e Engine, s *sim.Scenario, rec *sim.Recorder, progress func(time.Duration)) *run {
	r := &run{engine: e, s: s, rec: rec, progress: progress, meter: rec.Goal(), queue: newQueue(),
		waiting: map[int]error{}}
	r.fsync = work{s.Cluster.Disk.Fsync, 1, e.Machine.Fsync}
	r.commit = work{s.Cluster.Disk.Fsync, 2, e.Machine.Commit}
	if span := e.Machine.Fsync.Span(); span > 0 {
		r.recorded = time.Duration(sim.Below(r.stream("machine"), int64(span)))
	}
	specs := s.Members()
	r.links = make([]*link, len(specs)*len(specs))
	for i, spec := range specs {
		r.members = append(r.members, newMember(r, sim.MemberID(i+1), spec))
	}
	r.injector = script.NewInjector(s, cluster{r}, r.record)
	r.keys = newKeys(s.Workload.Keys)
	r.load = newLoad(r)
	return r
}

// stream is the run's random stream for one use.
func (r *run) stream(use ...string) *rand.Rand { return sim.Stream(r.s.Seed, use...) }

// record writes an event of this moment into the trace.
func (r *run) record(e sim.Event) {
	e.At = r.now
	r.rec.Add(e)
}

func (r *run) note(m sim.MemberID, text string) {
	r.record(sim.Event{Kind: sim.KindNote, Member: m, Note: text})
}

func (r *run) member(id sim.MemberID) *member { return r.members[id-1] }

// at lets something happen at a time; after lets it happen some time from now.
func (r *run) at(t time.Duration, call func())    { r.queue.push(t, event{kind: doCall, call: call}) }
func (r *run) after(d time.Duration, call func()) { r.at(r.now+d, call) }

// all is the whole run: the script until Run, then what is under way comes back,
// then the cluster's last word.
func (r *run) all(ctx context.Context) error {
	r.found()
	for i := range r.s.Steps {
		r.at(r.s.StepTime(i), func() { r.fire(i) })
	}
	if r.meter != nil {
		return r.watch(ctx)
	}
	if err := r.until(ctx, r.s.Run, nil); err != nil {
		return err
	}
	r.over = true
	r.giveUpSteps()
	quiet := func() bool { return len(r.load.open) == 0 }
	if err := r.until(ctx, r.now+r.load.patience, quiet); err != nil {
		return err
	}
	if err := r.finalReads(ctx); err != nil {
		return err
	}
	if err := r.until(ctx, r.now+settling*r.s.Cluster.Heartbeat, r.level); err != nil {
		return err
	}
	r.hashes()
	return nil
}

// watch is a run that ends as soon as its measure is known, or at Run without it:
// nothing comes back, and nothing is read.
func (r *run) watch(ctx context.Context) error {
	err := r.until(ctx, r.s.Run, r.meter.Done)
	what := "is not known: the run ended without it"
	if r.meter.Done() {
		what = "is known: the run ended with it"
	}
	r.over = true
	r.giveUpSteps()
	r.note(0, r.s.Until+" "+what)
	return err
}

// found starts the members of the scenario's cluster, each with the bootstrap
// entries on its disk, as etcd writes them: they name the members.
func (r *run) found() {
	entries, conf := bootstrap(r.s.Cluster.Members)
	r.config = newConfig(conf, uint64(len(entries)))
	for i := range r.s.Cluster.Members {
		m := r.members[i]
		m.disk.found(entries, conf)
		m.disk.lie(r.engine.Bug == LyingDisks)
		m.boot(time.Duration(sim.Below(m.clock, int64(m.tickTime))))
	}
}

// look is how many events go by between two checks of the context and reports of
// progress: less than a millisecond.
const look = 1024

// until moves the clock to end, event by event, or until enough reports that it should stop.
func (r *run) until(ctx context.Context, end time.Duration, enough func() bool) error {
	for n := 1; enough == nil || !enough(); n++ {
		if n%look == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			if r.progress != nil {
				r.progress(r.now)
			}
		}
		at, ok := r.queue.next()
		if !ok || at > end {
			r.now = end
			break
		}
		r.now = at
		e := r.queue.pop()
		if r.events++; r.engine.MostEvents > 0 && r.events > r.engine.MostEvents {
			return sim.ErrFlood
		}
		r.happen(&e)
	}
	return ctx.Err()
}

func (r *run) happen(e *event) {
	switch e.kind {
	case doCall:
		e.call()
	case doTick:
		r.member(e.to).onTick(e)
	case doDeliver:
		r.arrive(e)
	case doSynced:
		r.member(e.to).onSynced(e.life)
	case doArrive:
		if !r.load.holds(e) {
			r.load.arrive(e.op, e.id)
		}
	case doReply:
		if !r.load.holds(e) {
			r.load.replied(e.op, e.id)
		}
	case doBroken:
		if !r.load.holds(e) {
			r.load.broken(e.op, e.id)
		}
	case doExpire:
		r.load.expire()
	}
}

// fire carries out a step, and again every RetryEvery while it needs a leader.
func (r *run) fire(i int) {
	if r.over {
		return
	}
	st := r.s.Steps[i]
	r.errand = &errand{r: r}
	id, err := r.injector.Fire(i, st.Do)
	if err != nil {
		r.waiting[i] = err
		r.after(sim.RetryEvery, func() { r.fire(i) })
		return
	}
	delete(r.waiting, i)
	r.errand.fired, r.errand.ready = r.injector.LastFired(), true
	if r.errand.fired.Err == nil {
		r.errands = append(r.errands, r.errand)
		r.errand.settle()
	}
	if st.For > 0 {
		r.at(min(r.now+st.For, r.s.Run), func() { r.injector.End(id) })
	}
}

// giveUpSteps says which steps could not be carried out until the end.
func (r *run) giveUpSteps() {
	for i, st := range r.s.Steps {
		if err := r.waiting[i]; err != nil {
			r.injector.FailNow(i, st.Do, err)
		}
	}
	for _, e := range r.errands {
		if e.patient || r.meter != nil && r.meter.Done() {
			continue
		}
		undone := sim.ErrRunEnded
		if e.why != nil {
			undone = fmt.Errorf("%w: %s", undone, e.why.Error())
		}
		r.injector.Failed(e.fired, sim.Unfinished(errors.Join(append(e.errs, undone)...)))
	}
}

// leader is the member that leads in the highest term and is up, or nil.
func (r *run) leader() *member {
	var best *member
	for _, m := range r.members {
		if m.up && m.standing.role == sim.Leader && (best == nil || m.standing.term > best.standing.term) {
			best = m
		}
	}
	return best
}

// bootstrap is the beginning of every log: an entry for each member, and the
// configuration that they add up to.
func bootstrap(specs []sim.MemberSpec) ([]*pb.Entry, *pb.ConfState) {
	conf := &pb.ConfState{}
	var entries []*pb.Entry
	for i, spec := range specs {
		id := uint64(i + 1)
		kind := pb.ConfChangeAddNode
		if spec.Role == sim.Learner {
			kind = pb.ConfChangeAddLearnerNode
			conf.Learners = append(conf.Learners, id)
		} else {
			conf.Voters = append(conf.Voters, id)
		}
		entries = append(entries, &pb.Entry{Type: pb.EntryConfChange.Enum(), Term: new(uint64(1)), Index: new(id),
			Data: encodeChange(&pb.ConfChange{Type: kind.Enum(), NodeId: new(id)})})
	}
	return entries, conf
}

// settling is for how many heartbeats, at most, the members may level out before
// their states are compared. The heartbeats bring the last commit index.
const settling = 10

// level reports whether all members that run have applied the same entries.
func (r *run) level() bool {
	var first *member
	for _, m := range r.members {
		switch {
		case !m.up || m.paused:
		case first == nil:
			first = m
		case m.applied != first.applied:
			return false
		}
	}
	return true
}

// hashes writes what each member that is up holds.
func (r *run) hashes() {
	for _, m := range r.members {
		if m.up {
			r.record(sim.Event{Kind: sim.KindHash, Member: m.id, Index: m.applied, Revision: m.store.revision,
				Value: m.store.hash(&r.keys)})
		}
	}
}
