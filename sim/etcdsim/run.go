package etcdsim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
	"quorumlab/sim/etcdsim/cluster/apart"
	"quorumlab/sim/script"
)

// run is one run of a scenario. The script is carried out on the goroutine that called all; what
// happens meanwhile comes in on many others and meets in the trace, under mu.
type run struct {
	s        *sim.Scenario // as it started
	virtual  bool          // in a synctest bubble
	grown    atomic.Pointer[sim.Scenario]
	progress func(at time.Duration)
	cluster  *cluster.Real
	injector *script.Injector
	load     *load
	stores   *stores
	apps     *apps
	leases   *leases
	locks    *locks

	ctx  context.Context // ends when the run does
	stop context.CancelFunc
	work sync.WaitGroup // all goroutines of the run

	changes chan *change
	guarded chan struct{} // closed when the users and roles are there, if there are to be any
	letIn   func()        // closes open, once
	open    chan struct{} // closed when clients may come
	backups backups

	asks chan func()   // what a Live wants done on the script's goroutine; nil without one
	end  time.Duration // of the script

	// Of the script's goroutine.
	agenda  []appointment
	next    int                        // the first step that has not been fired
	waiting map[int]error              // steps that wait for a leader, by place in the script
	outcome func(step int, of *Errand) // called with a step's outcome
	errand  *Errand                    // of the step that is carried out

	mu     sync.Mutex
	rec    *sim.Recorder // nil once the trace is closed
	began  time.Time     // zero before the processes have started
	views  []view        // of the members, a member's place is its ID less 1
	config map[sim.MemberID]sim.Role
	over   bool          // the script has ended: nothing new begins
	ended  time.Duration // when it did

	errands []*Errand               // that are not done
	notDone map[int]sim.StepOutcome // what became of the steps, from 1, that were not carried out

	watches, comparisons uint64 // so far
}

// An appointment is something that the script does at a time.
type appointment struct {
	at time.Duration
	do func()
}

func newRun(ctx context.Context, e Engine, s *sim.Scenario, rec *sim.Recorder,
	progress func(time.Duration)) (*run, error) {
	if progress == nil {
		progress = func(time.Duration) {}
	}
	r := &run{
		s: s, virtual: e.virtual, progress: progress, rec: rec, end: s.Run, waiting: map[int]error{},
		config:  map[sim.MemberID]sim.Role{},
		changes: make(chan *change, changesInLine), outcome: func(int, *Errand) {}, errand: newErrand(),
		guarded: make(chan struct{}), open: make(chan struct{}), notDone: map[int]sim.StepOutcome{},
	}
	r.letIn = sync.OnceFunc(func() { close(r.open) })
	r.grown.Store(s)
	for range s.Members() {
		r.views = append(r.views, newView())
	}
	r.ctx, r.stop = context.WithCancel(ctx)
	for i, m := range s.Cluster.Members {
		r.config[sim.MemberID(i+1)] = sim.Follower
		if m.Role == sim.Learner {
			r.config[sim.MemberID(i+1)] = sim.Learner
		}
	}
	var err error
	if r.cluster, err = cluster.New(r.options(e)); err != nil {
		r.stop()
		return nil, err
	}
	r.injector = script.NewInjector(s, powers{r}, r.record)
	r.load = newLoad(r, e.Session)
	r.stores = newStores(r)
	r.apps, r.leases = newApps(r), newLeases(r)
	r.locks = newLocks(r)
	return r, nil
}

func (r *run) options(e Engine) cluster.Options {
	c := &r.s.Cluster
	o := cluster.Options{
		Dir: e.Dir, Known: e.Known, ClientPort: e.ClientPort, Seed: r.s.Seed, Heartbeat: c.Heartbeat,
		Election: c.Election.Lo, NoPreVote: !c.PreVote,
		ReconfigRules: c.ReconfigRules, Store: c.Store,
		Processes: c.Process, Metrics: c.Metrics, TLS: c.TLS,
		Link:  func(from, to sim.MemberID) sim.LinkSpec { return r.scenario().Link(from, to) },
		Hooks: cluster.Hooks{Message: r.message, Fact: r.fact, Died: r.died},
	}
	if c.Disk.FsyncStated || e.virtual {
		o.Fsync = c.Disk.Fsync
	}
	if e.virtual {
		o.Virtual, o.ClientLink, o.Flaw = true, c.ClientLink, e.flaw
	}
	for i, m := range r.s.Members() {
		o.Own = append(o.Own, m.MemberSettings)
		if i < len(c.Members) {
			o.Names = append(o.Names, m.Name)
		} else {
			o.Later = append(o.Later, m.Name)
		}
	}
	return o
}

// scenario is the scenario with the steps that came in so far.
func (r *run) scenario() *sim.Scenario { return r.grown.Load() }

// all is the whole run: the start, the script until its end, and what follows.
func (r *run) all() error {
	err := r.start()
	if err == nil {
		err = r.script()
	}
	return r.finish(err)
}

// finish is what follows the script: the return of what is under way, the cluster's last word, and
// the end of everything. After an error it is the end alone.
func (r *run) finish(err error) error {
	if err == nil {
		r.load.finish()
		r.giveUpErrands()
		r.finalReads()
		r.hashes()
		err = r.ctx.Err()
	}
	r.stop()
	r.mu.Lock()
	r.rec, r.over = nil, true
	r.mu.Unlock()
	r.apps.close()
	r.load.close()
	err = errors.Join(err, r.cluster.Close())
	r.work.Wait()
	return err
}

// start starts the founders and, once their processes run, the clock.
func (r *run) start() error {
	if err := r.startFounders(); err != nil {
		return err
	}
	for _, m := range r.cluster.Founders() {
		if err := m.Started(r.ctx); err != nil {
			return fmt.Errorf("%s did not start: %w%s", m.Name, err, helps(err.Error()))
		}
		if err := m.SetDisk(sim.DiskState{}); err != nil { // nothing, unless the disks are flawed
			return err
		}
	}
	r.await(apart.Script, 0)
	r.mu.Lock()
	r.began = time.Now()
	r.mu.Unlock()
	if err := r.cluster.BeginLifetimes(); err != nil {
		return err
	}
	r.work.Go(r.awaitClients)
	if err := r.load.start(); err != nil {
		return err
	}
	if err := r.watchAlerts(); err != nil {
		return err
	}
	r.work.Go(r.watchCommits)
	r.work.Go(r.makeChanges)
	r.stores.start()
	return nil
}

// await waits, in virtual time, for the next moment of something that happens.
func (r *run) await(k apart.Happening, member int) {
	if r.virtual {
		apart.Of(k, member, 0).Await()
	}
}

// stagger is await for one of many that look for something at the same time, by its number: none at another's moment.
func (r *run) stagger(number uint64) {
	if r.virtual {
		<-time.After(time.Duration(number%64) * time.Microsecond)
		r.await(apart.Load, 0)
	}
}

// startFounders starts each at a moment of its own within a heartbeat, drawn from the seed: the ticks of
// machines do not lie together, and those of members that start at once in one process would.
func (r *run) startFounders() error {
	draw := sim.Stream(r.s.Seed, "phase")
	ms := r.cluster.Founders()
	after := map[*cluster.Member]time.Duration{}
	for _, m := range ms {
		after[m] = time.Duration(sim.Below(draw, int64(r.s.Cluster.Heartbeat)))
	}
	slices.SortFunc(ms, func(a, b *cluster.Member) int { return cmp.Compare(after[a], after[b]) })
	begin := time.Now()
	for _, m := range ms {
		wait := time.NewTimer(after[m] - time.Since(begin))
		select {
		case <-wait.C:
		case <-r.ctx.Done():
			wait.Stop()
			return r.ctx.Err()
		}
		r.started(m.ID)
		if err := m.Start(); err != nil {
			return err
		}
	}
	return nil
}

// awaitClients sees to a leader, to the users and roles, and lets the clients in when each founder that
// runs serves them. etcd does not before an entry with the member's name and addresses is committed,
// two round trips after the first leader is there; whoever came earlier would measure the start and
// not the cluster. The script's first step lets them in at once: it may have left a member that never
// gets there.
func (r *run) awaitClients() {
	roles := r.s.Cluster.TLS.Roles
	if !roles {
		close(r.guarded)
	}
	_ = r.cluster.Elect(r.ctx) // that a fault comes first is no error of the run
	if roles && r.cluster.GrantRoles(r.ctx) == nil {
		close(r.guarded)
	}
	for _, m := range r.cluster.Founders() {
		_ = m.Ready(r.ctx) // one that is down keeps nobody waiting
	}
	r.letIn()
}

// now is the time since the processes had started.
func (r *run) now() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.time()
}

// time is now, under the lock.
func (r *run) time() time.Duration {
	if r.began.IsZero() {
		return 0
	}
	return time.Since(r.began)
}

// record writes an event of this moment into the trace.
func (r *run) record(e sim.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.add(e)
}

// add is record, under the lock.
func (r *run) add(e sim.Event) {
	if e.Kind == sim.KindFaultFailed {
		r.notDone[int(e.Count)] = sim.NotDoneOutcome(&e)
	}
	if r.rec != nil {
		e.At = r.time()
		r.rec.Add(e)
	}
}

func (r *run) note(m sim.MemberID, text string) {
	r.record(sim.Event{Kind: sim.KindNote, Member: m, Note: text})
}

// scriptTime is now, or when the script ended.
func (r *run) scriptTime() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended > 0 {
		return r.ended
	}
	return r.time()
}

// isOver reports whether the script has ended.
func (r *run) isOver() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.over
}

// progressEvery is how often progress is reported.
const progressEvery = 100 * time.Millisecond

// script carries out the steps until the end.
func (r *run) script() error {
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	for r.now() < r.end {
		wake := time.NewTimer(min(r.end, r.due()) - r.now())
		select {
		case <-wake.C:
			r.keepAppointments()
		case ask := <-r.asks:
			ask()
		case <-tick.C:
			r.progress(r.now())
		case <-r.ctx.Done():
			wake.Stop()
			return r.ctx.Err()
		}
		wake.Stop()
	}
	r.mu.Lock()
	r.over, r.ended = true, r.time()
	r.mu.Unlock()
	for i := range r.next {
		r.giveUp(i)
	}
	return nil
}

// giveUp writes that a step failed that waits for a leader.
func (r *run) giveUp(i int) {
	if err := r.waiting[i]; err != nil {
		delete(r.waiting, i)
		r.injector.FailNow(i, r.scenario().Steps[i].Do, err)
		e := newErrand()
		e.Fired = script.Fired{Text: r.scenario().Steps[i].Do.String(), Err: err}
		close(e.done)
		r.outcome(i, e)
	}
}

// never is later than everything.
const never = time.Duration(math.MaxInt64)

// due is when the next step or appointment is.
func (r *run) due() time.Duration {
	at := never
	if s := r.scenario(); r.next < len(s.Steps) {
		at = s.StepTime(r.next)
	}
	if len(r.agenda) > 0 {
		at = min(at, r.agenda[0].at)
	}
	return at
}

// appoint notes something to do, after what is already noted for the same time.
func (r *run) appoint(at time.Duration, do func()) {
	i := slices.IndexFunc(r.agenda, func(a appointment) bool { return a.at > at })
	if i < 0 {
		i = len(r.agenda)
	}
	r.agenda = slices.Insert(r.agenda, i, appointment{at, do})
}

// keepAppointments does what is due; of a step and an appointment for the same time, the step first.
func (r *run) keepAppointments() {
	for at := r.due(); at <= r.now(); at = r.due() {
		if s := r.scenario(); r.next < len(s.Steps) && s.StepTime(r.next) == at {
			r.next++
			r.fire(r.next - 1)
			continue
		}
		do := r.agenda[0].do
		r.agenda = r.agenda[1:]
		do()
	}
}

// fire carries out a step, and again every RetryEvery while it needs a leader.
func (r *run) fire(i int) {
	st := r.scenario().Steps[i]
	r.letIn()
	r.sampleCommits() // how far they were when it struck
	r.errand = newErrand()
	fired := r.errand.begin()
	defer fired(nil)
	id, err := r.injector.Fire(i, st.Do)
	if err != nil {
		r.waiting[i] = err
		r.appoint(r.now()+sim.RetryEvery, func() {
			if r.waiting[i] != nil {
				r.fire(i)
			}
		})
		return
	}
	delete(r.waiting, i)
	if st.For > 0 {
		r.appoint(min(r.now()+st.For, r.end), func() {
			r.sampleCommits()
			r.injector.End(id)
		})
	}
	r.errand.Fired, r.errand.told = r.injector.LastFired(), r.tell
	r.mu.Lock()
	r.errands = append(r.errands, r.errand)
	r.mu.Unlock()
	r.outcome(i, r.errand)
}
