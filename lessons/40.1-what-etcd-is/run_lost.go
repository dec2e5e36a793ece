package whatetcdis

import (
	"context"
	_ "embed"
	"time"

	"quorumlab/lessons"
	"quorumlab/sim"
)

var (
	//go:embed cut-off-writes.yaml
	cutOffWrites []byte
	//go:embed crash-under-way.yaml
	crashUnderWay []byte
)

// lost follows the writes that got no answer: a cut-off leader's, and those of one that died.
func lost(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o := &lessons.Observations{}
	t, err := runOwn(ctx, env, o, "cut-off-writes", cutOffWrites)
	if err != nil {
		return nil, err
	}
	if err := tellCutOff(o, t); err != nil {
		return nil, err
	}
	crash, err := runOwn(ctx, env, o, "crash-under-way", crashUnderWay)
	if err != nil {
		return nil, err
	}
	tellFates(o, "cut-off", t)
	tellFates(o, "crash", crash)
	return o, nil
}

// runOwn runs a scenario of the lesson, and adds whether its checks and expectations hold.
func runOwn(ctx context.Context, env *lessons.Env, o *lessons.Observations, name string, text []byte) (*sim.Trace,
	error) {
	s, err := lessons.ScenarioRun{Name: name, File: text}.Load()
	if err != nil {
		return nil, err
	}
	env.Say("%s on sim", name)
	t, result, err := lessons.RunScenario(ctx, s, "sim", env.Version)
	if err != nil {
		return nil, err
	}
	holds := "yes"
	if !result.OK() {
		holds = "no"
	}
	o.Tell(name+".ok", holds, "whether every check and expectation of "+name+" holds")
	return t, nil
}

// The moments of cut-off-writes: a breath before n1 hears from the others again, and the end.
const (
	beforeHeal = 8999 * time.Millisecond
	afterHeal  = 12 * time.Second
)

// tellCutOff tells what became of the log of n1, which led and was cut off.
func tellCutOff(o *lessons.Observations, t *sim.Trace) error {
	before, after := logsAt(t, beforeHeal), logsAt(t, afterHeal)
	o.Count("n1.appended", float64(before.last(1)-before.commit[1]), "entries that n1 had in its log and could not commit")
	o.Count("n1.thrown-away", float64(before.gone(1, after)), "entries of n1's log that were replaced when it rejoined "+
		"the others")
	kept := 0
	for _, m := range []sim.MemberID{3, 4, 5} {
		kept += before.gone(m, after)
	}
	o.Count("others.thrown-away", float64(kept), "entries of the others' logs that were replaced")
	return o.DrawExact(logChart(t, before, after))
}

// fates are what became of writes, by what their clients were told.
type fates struct {
	Acked, AckedGone      int // acknowledged; of them not applied by all that were up in the end
	Unknown, UnknownFound int // without an answer; of them applied all the same
}

// fatesOf follows each write from its client to the members' state machines.
func fatesOf(t *sim.Trace) (f fates) {
	applied := map[uint64]map[sim.MemberID]bool{}
	up := map[sim.MemberID]bool{}
	for i := range t.Events {
		switch e := &t.Events[i]; e.Kind {
		case sim.KindStarted:
			up[e.Member] = true
		case sim.KindCrashed:
			delete(up, e.Member)
		case sim.KindApplied:
			if applied[e.ID] == nil {
				applied[e.ID] = map[sim.MemberID]bool{}
			}
			applied[e.ID][e.Member] = true
		}
	}
	for i := range t.Events {
		e := &t.Events[i]
		if e.Kind != sim.KindReturn || !e.Op.IsWrite() {
			continue
		}
		switch e.Result {
		case sim.OutcomeOK:
			f.Acked++
			for m := range up {
				if !applied[e.ID][m] {
					f.AckedGone++
					break
				}
			}
		case sim.OutcomeUnknown:
			f.Unknown++
			if len(applied[e.ID]) > 0 {
				f.UnknownFound++
			}
		}
	}
	return f
}

func tellFates(o *lessons.Observations, name string, t *sim.Trace) {
	f := fatesOf(t)
	o.Count(name+".acknowledged", float64(f.Acked), name+": writes that were acknowledged")
	o.Count(name+".acknowledged.lost", float64(f.AckedGone), name+": acknowledged writes that are missing from some "+
		"member's state at the end")
	o.Count(name+".unknown", float64(f.Unknown), name+": writes that got no answer")
	o.Count(name+".unknown.kept", float64(f.UnknownFound), name+": writes without an answer that are in the members' "+
		"state all the same")
	o.Tell(name+".unknown.fate", fate(f), name+": what became of the writes without an answer")
}

// fate is in a word what became of the writes without an answer.
func fate(f fates) string {
	switch f.UnknownFound {
	case 0:
		return "all lost"
	case f.Unknown:
		return "all kept"
	}
	return "some kept, some lost"
}
