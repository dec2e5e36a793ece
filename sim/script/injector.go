package script

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"quorumlab/sim"
)

// Injector carries out the statements of a script on a running cluster and keeps track of
// what is broken. Engines call Fire when a step's time has come and End when its
// `for:` is over, one call at a time.
//
// Faults of one kind on one thing stack: the newest one applies, and when it ends
// the previous one applies again. A cut link stays cut until all its cuts have ended.
type Injector struct {
	scenario *sim.Scenario
	cluster  sim.Cluster
	record   func(sim.Event)
	random   *rand.Rand
	active   []*fault
	last     uint64
	fired    Fired
	current  *fault // that is being carried out
}

// Fired is what came of a statement.
type Fired struct {
	Text string // the statement with members in place of its selectors
	Err  error  // why it could not be done, or not in full
	ID   uint64 // the fault's number; 0: nothing has begun
	Step int    // its place in the script, from 1
}

// ActiveFault is a statement whose effect lasts.
type ActiveFault struct {
	ID   uint64 // as Fire returned it
	Step int    // its place in the script, from 0
	Text string // with members in place of its selectors
}

// NewInjector returns an injector with nothing broken. record receives the fault
// events; the engine fills in their time.
func NewInjector(s *sim.Scenario, c sim.Cluster, record func(sim.Event)) *Injector {
	return &Injector{scenario: s, cluster: c, record: record, random: sim.Stream(s.Seed, "selectors")}
}

// fault is a statement that lasts, with the effects that it still has.
type fault struct {
	id      uint64
	text    string
	step    int
	member  sim.MemberID
	effects []effect
}

// effect is one thing that one fault broke.
type effect struct {
	on       target
	from, to sim.MemberID // a link, or to alone
	link     func(*sim.LinkState)
	disk     func(*sim.DiskState)
	drift    sim.Share
	pace     sim.Pace
	own      *ongoing
	client   int  // onWay, onClient
	out      bool // onWay: from the client to the member, not back
	failed   bool // it could not begin
}

// ongoing is something that a statement does for as long as it lasts and that
// does not stack with others.
type ongoing struct {
	begin func() (end func() error, err error)
	end   func() error // nil before it has begun
}

type target uint8

const (
	onLink target = iota
	onDisk
	onProcess // down
	onPause
	onClock
	onLoad
	onOwn
	onWay    // between a client and a member
	onClient // paused
)

// Fire carries out step number n of the script (from 0) and returns the fault's
// number for End. ErrNoLeader means that nothing has happened and that the engine
// may try again. Any other failure is in the trace, and the run goes on.
func (in *Injector) Fire(n int, st sim.Statement) (id uint64, err error) {
	in.fired = Fired{Text: st.String(), Step: n + 1}
	a := &Action{Statement: st, in: in}
	if err := a.resolve(); err != nil {
		if errors.Is(err, ErrNoLeader) {
			return 0, err
		}
		in.fired.Err = sim.RefusedBy(0, err)
		in.Failed(in.fired, in.fired.Err)
		return 0, nil
	}
	in.last++
	f := &fault{id: in.last, text: a.text(), step: n + 1, member: a.only()}
	in.fired.Text, in.fired.ID = f.text, f.id
	in.event(sim.KindFaultBegun, f)
	in.current = f
	defer func() { in.current = nil }()
	in.note(verbs[st.Verb].Apply(a))
	f.effects = a.effects
	if len(f.effects) > 0 {
		in.active = append(in.active, f)
		for i, e := range f.effects {
			err := in.apply(e)
			f.effects[i].failed = err != nil
			in.note(err)
			if e.on == onProcess {
				in.undoPauses(e.to)
			}
		}
	}
	if in.fired.Err != nil {
		if len(f.effects) > 0 && !f.void() {
			in.fired.Err = sim.InPart(in.fired.Err)
		}
		in.Failed(in.fired, in.fired.Err)
	}
	switch {
	case len(f.effects) == 0 && verbs[st.Verb].Lasts:
		in.event(sim.KindFaultEnded, f)
	case f.void():
		in.End(f.id)
	}
	return f.id, nil
}

// undoPauses ends the pauses of a member that has crashed: nothing is left of the process that stood still.
func (in *Injector) undoPauses(m sim.MemberID) {
	paused := func(e effect) bool { return e.on == onPause && e.to == m }
	for _, f := range in.active {
		if slices.ContainsFunc(f.effects, paused) {
			in.Failed(Fired{Text: f.text, ID: f.id, Step: f.step},
				sim.Undone(fmt.Errorf("%s crashed", in.scenario.MemberName(m))))
		}
	}
	in.remove(func(_ *fault, e effect) bool { return paused(e) })
}

// note keeps an error of the statement that is being carried out.
func (in *Injector) note(err error) {
	switch {
	case err == nil:
	case in.fired.Err == nil:
		in.fired.Err = err
	case err.Error() != in.fired.Err.Error():
		in.fired.Err = errors.Join(in.fired.Err, err)
	}
}

// void reports whether there is nothing that the fault could still break: what it began
// was refused.
func (f *fault) void() bool {
	return len(f.effects) > 0 && !slices.ContainsFunc(f.effects, func(e effect) bool { return !e.failed })
}

// FailNow writes into the trace that step n could not be carried out before the
// run ended.
func (in *Injector) FailNow(n int, st sim.Statement, err error) {
	in.fired = Fired{Text: st.String(), Step: n + 1, Err: sim.Unfinished(err)}
	in.Failed(in.fired, in.fired.Err)
}

// Failed writes into the trace that a statement was not carried out, or not in full: an
// engine says so when what it had begun comes to a bad end. Engines whose record takes events
// of several goroutines may call it from any.
func (in *Injector) Failed(f Fired, err error) {
	e := sim.NotDoneEvent(f.Text, err)
	e.ID, e.Count = f.ID, uint32(f.Step)
	in.record(e)
}

// Done writes into the trace that the last part of a statement is done that an engine took its time for.
// As with Failed, engines may call it from any goroutine.
func (in *Injector) Done(f Fired) {
	in.record(sim.Event{Kind: sim.KindFaultDone, ID: f.ID, Count: uint32(f.Step), Note: f.Text})
}

func (in *Injector) event(k sim.Kind, f *fault) {
	in.record(sim.Event{Kind: k, ID: f.id, Member: f.member, Count: uint32(f.step), Note: f.text})
}

// LastFired is the result of the statement that Fire carried out last.
func (in *Injector) LastFired() Fired { return in.fired }

// Active lists the statements whose effects last, the oldest first.
func (in *Injector) Active() []ActiveFault {
	list := make([]ActiveFault, len(in.active))
	for i, f := range in.active {
		list[i] = ActiveFault{ID: f.id, Step: f.step - 1, Text: f.text}
	}
	return list
}

// Extend tells the injector about the members of a script that has grown.
func (in *Injector) Extend(s *sim.Scenario) { in.scenario = s }

// End ends a fault that Fire began, if it still lasts.
func (in *Injector) End(id uint64) {
	in.remove(func(f *fault, _ effect) bool { return f.id == id })
}

// remove takes away the effects that match, mends what they broke, and ends the
// faults that have none left.
func (in *Injector) remove(match func(*fault, effect) bool) {
	var gone []effect
	var of, ended []*fault
	in.active = slices.DeleteFunc(in.active, func(f *fault) bool {
		f.effects = slices.DeleteFunc(f.effects, func(e effect) bool {
			m := match(f, e)
			if m {
				gone, of = append(gone, e), append(of, f)
			}
			return m
		})
		if len(f.effects) == 0 {
			ended = append(ended, f)
		}
		return len(f.effects) == 0
	})
	for i, e := range gone {
		in.mended(of[i], in.apply(e))
	}
	for _, f := range ended {
		in.event(sim.KindFaultEnded, f)
	}
}

// mended takes what came of the end of one of a fault's effects. A statement that mends
// has the error itself; where a fault's time is over it is the fault that did not end well.
func (in *Injector) mended(f *fault, err error) {
	switch {
	case err == nil:
	case in.current != nil:
		in.note(err)
	default:
		in.Failed(Fired{Text: f.text, ID: f.id, Step: f.step}, fmt.Errorf("when it was to end: %w", err))
	}
}

// apply brings the cluster to the state that the active faults now add up to where the
// effect is, or was.
func (in *Injector) apply(e effect) error {
	switch e.on {
	case onLink:
		in.cluster.SetLink(e.from, e.to, in.link(e.from, e.to))
	case onDisk:
		in.cluster.SetDisk(e.to, in.disk(e.to))
	case onProcess:
		return onOff(in.broken(onProcess, e.to), in.cluster.Crash, in.cluster.Start, e.to)
	case onPause:
		return onOff(in.broken(onPause, e.to), in.cluster.Pause, in.cluster.Resume, e.to)
	case onClock:
		in.cluster.SetDrift(e.to, in.newest(onClock, e.to).drift)
	case onLoad:
		pace := in.scenario.Workload.Pace()
		if in.broken(onLoad, 0) {
			pace = in.newest(onLoad, 0).pace
		}
		in.cluster.SetLoad(pace)
	case onOwn:
		return e.own.turn()
	case onWay, onClient:
		return in.applyClient(e)
	}
	return nil
}

// turn begins it, or ends what it began.
func (u *ongoing) turn() (err error) {
	if u.end != nil {
		return u.end()
	}
	u.end, err = u.begin()
	if err != nil {
		u.end = func() error { return nil }
	}
	return err
}

func onOff(on bool, off, back func(sim.MemberID) error, m sim.MemberID) error {
	if on {
		return off(m)
	}
	return back(m)
}

func (in *Injector) each(on target, visit func(effect)) {
	for _, f := range in.active {
		for _, e := range f.effects {
			if e.on == on {
				visit(e)
			}
		}
	}
}

func (in *Injector) link(from, to sim.MemberID) (s sim.LinkState) {
	in.each(onLink, func(e effect) {
		if e.from == from && e.to == to {
			e.link(&s)
		}
	})
	return s
}

func (in *Injector) disk(m sim.MemberID) (s sim.DiskState) {
	in.each(onDisk, func(e effect) {
		if e.to == m {
			e.disk(&s)
		}
	})
	return s
}

func (in *Injector) broken(on target, m sim.MemberID) (yes bool) {
	in.each(on, func(e effect) { yes = yes || e.to == m })
	return yes
}

func (in *Injector) newest(on target, m sim.MemberID) (last effect) {
	in.each(on, func(e effect) {
		if e.to == m {
			last = e
		}
	})
	return last
}
