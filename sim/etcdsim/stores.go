package etcdsim

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
	"quorumlab/sim/script"
)

// stores follows the members' database files through a run: it makes what is done to them happen one
// after the other, and writes their sizes and alarms into the trace.
type stores struct {
	r    *run
	tail chan struct{} // closed when all that was asked for is done; of the script's goroutine

	listing turn                   // one list of alarms is asked for at a time
	alarms  map[cluster.Alarm]bool // that are on; under listing

	followed int // the sizes of how many members, by number, are looked at; of the script's goroutine

	mu      sync.Mutex
	members map[sim.MemberID]*memberStore
}

// memberStore is what is known of one member's store.
type memberStore struct {
	asking turn // one question about sizes is under way, or a defragmentation
	last   cluster.StoreStatus
}

// turn is a lock that is held while questions are under way. It is a channel: whoever waits for one is idle
// in a synctest bubble, where whoever waits for a mutex keeps time from passing.
type turn chan struct{}

func newTurn() turn { return make(turn, 1) }

// Lock waits for the turn.
func (t turn) Lock() { t <- struct{}{} }

// Unlock gives it away.
func (t turn) Unlock() { <-t }

// storeEvery is how often the sizes are looked at.
const storeEvery = 100 * time.Millisecond

func newStores(r *run) *stores {
	s := &stores{r: r, listing: newTurn(), tail: make(chan struct{}), alarms: map[cluster.Alarm]bool{},
		members: map[sim.MemberID]*memberStore{}}
	close(s.tail)
	return s
}

// start begins to look at the sizes of each member, if the scenario is about them. Each has its own
// goroutine, as one that is being defragmented lets its questions wait. When the script or the cluster
// has grown it begins with what is new.
func (s *stores) start() {
	if !concernsStore(s.r.scenario()) {
		return
	}
	for _, m := range s.r.cluster.Members()[s.followed:] {
		s.followed++
		s.r.work.Go(func() { s.watch(m.ID) })
	}
}

// of is what is known of a member's store.
func (s *stores) of(id sim.MemberID) *memberStore {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.members[id] == nil {
		s.members[id] = &memberStore{asking: newTurn()}
	}
	return s.members[id]
}

// concernsStore reports whether the scenario is about the database files. The traces of others are
// better off without their sizes.
func concernsStore(s *sim.Scenario) bool {
	return s.Cluster.ConcernsFiles() ||
		slices.ContainsFunc(s.Steps, func(st sim.Step) bool {
			return slices.ContainsFunc(script.VerbNamed(st.Do.Verb).Needs, func(p sim.Power) bool {
				return p == sim.PowerStore || p == sim.PowerCompact || p == sim.PowerBackup
			})
		})
}

func (s *stores) watch(id sim.MemberID) {
	tick := time.NewTicker(storeEvery)
	defer tick.Stop()
	for {
		s.sample(id)
		select {
		case <-tick.C:
		case <-s.r.ctx.Done():
			return
		}
	}
}

// sampleAll looks at all members at once.
func (s *stores) sampleAll() {
	var work sync.WaitGroup
	for _, m := range s.r.cluster.Members() {
		work.Go(func() { s.sample(m.ID) })
	}
	work.Wait()
}

// sample writes a member's sizes when they have changed.
func (s *stores) sample(id sim.MemberID) {
	asking := s.of(id).asking
	asking.Lock()
	defer asking.Unlock()
	s.look(id, sim.KindStoreSize)
}

// look writes a member's sizes as an event of a kind: a StoreSize when they have changed, any other
// kind always. A member that can't be asked has none.
func (s *stores) look(id sim.MemberID, kind sim.Kind) {
	r := s.r
	if !r.serves(id) {
		return
	}
	ctx, cancel := context.WithTimeout(r.ctx, askTimeout)
	defer cancel()
	is, err := cluster.StoreStatusAs(ctx, r.load.conn(id).Client)
	if err != nil {
		return
	}
	known := s.of(id)
	was := known.last
	known.last = is
	if kind != sim.KindStoreSize || is.Size != was.Size || is.InUse != was.InUse {
		r.record(sim.Event{Kind: kind, Member: id, Value: uint64(is.Size), Old: uint64(is.InUse), Revision: is.Revision})
	}
	if is.Alarms != s.knownAlarms() {
		_ = s.listAlarms() // it fails when the run is over
	}
}

// disarm clears all alarms. That they went is written even if they come back at once.
func (s *stores) disarm() error {
	s.listing.Lock()
	var cleared []cluster.Alarm
	err := s.r.withLeader(func(ctx context.Context, c *clientv3.Client) (err error) {
		cleared, err = s.r.cluster.DisarmAs(ctx, c)
		return err
	})
	s.off(cleared)
	s.listing.Unlock()
	return errors.Join(err, s.listAlarms())
}

// knownAlarms is how many alarms the trace says are on.
func (s *stores) knownAlarms() int {
	s.listing.Lock()
	defer s.listing.Unlock()
	return len(s.alarms)
}

// listAlarms asks which alarms are on and writes what has changed.
func (s *stores) listAlarms() error {
	s.listing.Lock()
	defer s.listing.Unlock()
	var on []cluster.Alarm
	err := s.r.withLeader(func(ctx context.Context, c *clientv3.Client) (err error) {
		on, err = s.r.cluster.AlarmsAs(ctx, c)
		return err
	})
	if err != nil {
		return err
	}
	var gone []cluster.Alarm
	for a := range s.alarms {
		if !slices.Contains(on, a) {
			gone = append(gone, a)
		}
	}
	slices.SortFunc(gone, func(a, b cluster.Alarm) int { return int(a.Member) - int(b.Member) })
	s.off(gone)
	for _, a := range on {
		if !s.alarms[a] {
			s.alarms[a] = true
			s.r.record(sim.Event{Kind: sim.KindAlarm, Member: a.Member, Count: a.Kind, Value: 1})
		}
	}
	return nil
}

// off writes that alarms are no longer on. Under listing.
func (s *stores) off(gone []cluster.Alarm) {
	for _, a := range gone {
		if s.alarms[a] {
			delete(s.alarms, a)
			s.r.record(sim.Event{Kind: sim.KindAlarm, Member: a.Member, Count: a.Kind})
		}
	}
}

// inTurn does something to the stores when all that was asked for before is done, and writes the sizes
// after it. It does not wait.
func (s *stores) inTurn(do func() error) {
	before, done := s.tail, make(chan struct{})
	s.tail = done
	told := s.r.errand.begin()
	s.r.work.Go(func() {
		defer close(done)
		<-before
		err := sim.Unfinished(sim.ErrRunEnded)
		if !s.r.isOver() && s.r.ctx.Err() == nil {
			err = do()
			s.sampleAll()
		}
		told(err)
	})
}

// defrag rewrites one member's database file. Nobody asks about its size meanwhile: the answer would
// come late, and be that of the old file.
func (s *stores) defrag(id sim.MemberID) error {
	asking := s.of(id).asking
	asking.Lock()
	defer asking.Unlock()
	if !s.r.serves(id) {
		return sim.RefusedBy(0, cluster.ErrDown)
	}
	s.r.record(sim.Event{Kind: sim.KindDefragBegun, Member: id})
	err := cluster.DefragAs(s.r.ctx, s.r.load.conn(id).Client)
	switch {
	case err != nil && s.r.isOver():
		return sim.Unfinished(sim.ErrRunEnded)
	case err != nil && !s.r.serves(id):
		return fmt.Errorf("it went down before its file was rewritten: %w", err)
	case err != nil:
		return said(id, err)
	}
	s.look(id, sim.KindDefragEnded)
	return nil
}

// serves reports whether a member is up and not paused.
func (r *run) serves(id sim.MemberID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	v := r.view(id)
	return v.up && !v.paused
}
