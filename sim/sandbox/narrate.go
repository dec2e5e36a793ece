package sandbox

import (
	"fmt"
	"maps"
	"sync"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/script"
)

// teller observes a sandbox's events and reports those that matter, a line each, and
// once a second how many operations failed. It never keeps the cluster waiting:
// its lines wait in a queue of their own.
type teller struct {
	name func(sim.MemberID) string
	// changed is called after the membership has changed.
	changed func()
	// line takes each line when it is told.
	line func(at time.Duration, text string)

	telling sync.Mutex                          // guards what is told, and its order
	tell    func(at time.Duration, line string) // nil: nobody listens yet
	untold  []ToldLine                          // for whoever will listen, the newest
	roles   map[sim.MemberID]sim.Role           // in the configuration, as told
	configs map[sim.MemberID]uint64             // the index of the newest change of a member that was told
	leads   map[sim.MemberID]uint64             // the term in which a member leads
	undone  map[uint64]bool                     // the faults, by number, that lost their effect early, or had none
	stopped map[string]process                  // the members, by name, whose process does not run

	mu     sync.Mutex
	more   chan struct{} // holds one when there is news
	news   []sim.Event
	counts OperationsJSON
	wrong  int    // operations since the last line about them
	last   string // the error of one of them
}

// process is why a member's process does not run.
type process struct{ down, paused bool }

// mostUntold is how many lines wait for somebody to listen.
const mostUntold = 1000

// newTeller knows the members of the start.
func newTeller(s *sim.Scenario) *teller {
	t := &teller{
		more: make(chan struct{}, 1), roles: map[sim.MemberID]sim.Role{},
		configs: map[sim.MemberID]uint64{}, leads: map[sim.MemberID]uint64{},
		undone: map[uint64]bool{}, stopped: map[string]process{},
	}
	for i, m := range s.Cluster.Members {
		t.roles[sim.MemberID(i+1)] = m.Role
	}
	return t
}

// told are the kinds that may be worth a line.
var told = sim.Kinds(sim.KindState, sim.KindSnapshotInstalled, sim.KindLost, sim.KindFaultBegun, sim.KindFaultEnded,
	sim.KindFaultFailed, sim.KindFaultDone, sim.KindCrashed, sim.KindPanicked, sim.KindMembership, sim.KindNote,
	sim.KindAlarm, sim.KindStarted, sim.KindPaused, sim.KindResumed)

// Observe implements sim.Observer.
func (t *teller) Observe(e *sim.Event) {
	if e.Kind != sim.KindReturn && !told.Has(e.Kind) {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if e.Kind == sim.KindReturn {
		t.count(e)
		return
	}
	t.news = append(t.news, *e)
	select {
	case t.more <- struct{}{}:
	default:
	}
}

func (t *teller) count(e *sim.Event) {
	switch e.Result {
	case sim.OutcomeOK, sim.OutcomeMismatch:
		t.counts.OK++
		return
	case sim.OutcomeFailed:
		t.counts.Failed++
	default:
		t.counts.Unknown++
	}
	t.wrong++
	t.last = e.Note
}

// operations counts the operations so far.
func (t *teller) operations() OperationsJSON {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.counts
}

// listen has tell told what is known and what comes.
func (t *teller) listen(tell func(at time.Duration, line string)) {
	t.telling.Lock()
	defer t.telling.Unlock()
	t.tell = tell
	for _, l := range t.untold {
		tell(l.At, l.Text)
	}
	t.untold = nil
}

// say tells a line. Its caller holds telling.
func (t *teller) say(at time.Duration, text string) {
	t.line(at, text)
	if t.tell != nil {
		t.tell(at, text)
		return
	}
	t.untold = append(t.untold, ToldLine{at, text})
	t.untold = t.untold[max(0, len(t.untold)-mostUntold):]
}

// run tells what there is until end is closed, and then the rest.
func (t *teller) run(now func() time.Duration, end <-chan struct{}) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-t.more:
			select { // what is refused as soon as it is asked for is told once
			case <-time.After(refusedWithin):
			case <-end:
			}
			t.tellNews()
		case <-tick.C:
			t.tellWrong(now())
		case <-end:
			t.tellNews()
			return
		}
	}
}

// tellNews tells what has happened up to now.
func (t *teller) tellNews() {
	t.telling.Lock()
	defer t.telling.Unlock()
	t.mu.Lock()
	news := t.news
	t.news = nil
	t.mu.Unlock()
	refused := map[uint64]bool{}
	for _, e := range news {
		if e.Kind == sim.KindFaultFailed && e.ID > 0 && sim.NotDoneOutcome(&e) == sim.StepRefused {
			refused[e.ID] = true
		}
	}
	for i, e := range news {
		if e.Kind == sim.KindFaultBegun && refused[e.ID] {
			continue
		}
		if text := t.sentence(&news[i]); text != "" {
			t.say(e.At, text)
		}
	}
}

// refusedWithin is how soon a refusal comes when the cluster is in no state for a statement.
const refusedWithin = 30 * time.Millisecond

func (t *teller) tellWrong(at time.Duration) {
	t.mu.Lock()
	n, last := t.wrong, t.last
	t.wrong = 0
	t.mu.Unlock()
	t.telling.Lock()
	defer t.telling.Unlock()
	switch {
	case n == 1:
		t.say(at, "an operation failed: "+last)
	case n > 1:
		t.say(at, fmt.Sprintf("%d operations failed, the last one: %s", n, last))
	}
}

// sentence is an event in words, or empty.
func (t *teller) sentence(e *sim.Event) string {
	name := t.name(e.Member)
	t.follow(e, name)
	switch e.Kind {
	case sim.KindState:
		return t.state(e, name)
	case sim.KindSnapshotInstalled:
		return name + " received a snapshot"
	case sim.KindLost:
		return name + " lost writes: " + e.Note
	case sim.KindFaultBegun:
		if !later(e.Note) {
			return t.began(e.Note, t.stopped)
		}
	case sim.KindFaultDone:
		if later(e.Note) {
			return t.began(e.Note, t.stopped)
		}
	case sim.KindFaultEnded:
		if !t.undone[e.ID] {
			return over(e.Note)
		}
	case sim.KindFaultFailed:
		out := sim.NotDoneOutcome(e)
		t.undone[e.ID] = out == sim.StepUndone || out == sim.StepRefused
		return script.TellNotDone(e, t.name)
	case sim.KindCrashed:
		delete(t.leads, e.Member)
		if e.Note != "" {
			return name + " stopped: " + e.Note
		}
	case sim.KindPanicked:
		delete(t.leads, e.Member)
		return name + " panicked: " + e.Note
	case sim.KindMembership:
		return t.membership(e)
	case sim.KindAlarm:
		return t.alarm(e, name)
	case sim.KindNote:
		if e.Member != 0 {
			return name + ": " + e.Note
		}
		return e.Note
	}
	return ""
}

// state tells who begins to lead, and who no longer does.
func (t *teller) state(e *sim.Event, name string) string {
	term, led := t.leads[e.Member]
	switch {
	case e.Role == sim.Leader && (!led || term != e.Term):
		t.leads[e.Member] = e.Term
		return fmt.Sprintf("%s leads in term %d", name, e.Term)
	case e.Role != sim.Leader && led:
		delete(t.leads, e.Member)
		return name + " no longer leads"
	}
	return ""
}

// membership tells a change once, when the first member knows of it.
func (t *teller) membership(e *sim.Event) string {
	if t.configs[e.Peer] >= e.Index || e.Role == t.roles[e.Peer] {
		return ""
	}
	t.configs[e.Peer], t.roles[e.Peer] = e.Index, e.Role
	t.changed()
	who := t.name(e.Peer)
	switch e.Role {
	case sim.Learner:
		return who + " is a member now, as a learner"
	case sim.RoleNone:
		return who + " is no longer a member"
	}
	return who + " is a voter now"
}

// follow keeps up with which processes run.
func (t *teller) follow(e *sim.Event, name string) {
	switch e.Kind {
	case sim.KindCrashed, sim.KindPanicked:
		t.stopped[name] = process{down: true}
	case sim.KindPaused:
		t.stopped[name] = process{paused: true}
	case sim.KindStarted, sim.KindResumed:
		delete(t.stopped, name)
	}
}

// processes are the members, by name, whose process does not run now.
func (t *teller) processes() map[string]process {
	t.tellNews()
	t.telling.Lock()
	defer t.telling.Unlock()
	return maps.Clone(t.stopped)
}

// began tells a statement, with members in place of its selectors, as it took effect.
func (t *teller) began(text string, stopped map[string]process) string {
	st, err := script.Parse(text)
	if err != nil {
		return text // never: the engine wrote it
	}
	return script.TellBegan(st, func(name string) (up, paused bool) {
		return !stopped[name].down, stopped[name].paused
	}, func(name string) string { return name })
}

func (t *teller) alarm(e *sim.Event, name string) string {
	what := map[uint32]string{1: "NOSPACE", 2: "CORRUPT"}[e.Count]
	if e.Value == 0 {
		return "the alarm " + what + " of " + name + " is cleared"
	}
	return name + " raises the alarm " + what
}

// later reports whether a statement is told when it is done, and not before.
func later(text string) bool {
	st, err := script.Parse(text)
	return err == nil && script.VerbNamed(st.Verb).Later
}

// over tells a statement, with members in place of its selectors, as it ended.
func over(text string) string {
	st, err := script.Parse(text)
	if err != nil {
		return text // never: the engine wrote it
	}
	return script.Tell(st, script.VerbNamed(st.Verb).Over, func(name string) string { return name })
}
