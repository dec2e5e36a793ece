package script

import (
	"errors"
	"fmt"
	"slices"

	"quorumlab/sim"
)

// Action is a statement being carried out: what its verb's Apply works on.
type Action struct {
	Statement sim.Statement // with the selectors as written
	in        *Injector
	effects   []effect
	resolved  [][]sim.MemberID
	clients   [][]int // those on each side
}

// resolve turns the statement's selectors into members, "rest" last.
func (a *Action) resolve() error {
	a.resolved = make([][]sim.MemberID, len(a.Statement.Groups))
	members, err := a.resolveClients()
	if err != nil {
		return err
	}
	var taken memberSet
	for _, wantRest := range []bool{false, true} {
		for i, g := range members {
			if len(g) == 0 && len(a.clients[i]) > 0 {
				continue
			}
			rest := slices.ContainsFunc(g, func(s sim.Selector) bool { return s.By == sim.ByRest })
			if rest != wantRest {
				continue
			}
			ids, err := a.in.resolve(g, taken, verbs[a.Statement.Verb].Absent)
			if err != nil {
				return err
			}
			a.resolved[i] = ids
			for _, id := range ids {
				taken.add(id)
			}
		}
	}
	if slices.Contains(verbs[a.Statement.Verb].Args, argSides) {
		return a.disjoint()
	}
	return nil
}

func (a *Action) disjoint() error {
	side := map[sim.MemberID]int{}
	for i, g := range a.resolved {
		for _, id := range g {
			if j, ok := side[id]; ok && j != i {
				return fmt.Errorf("%s is on two sides of the partition", a.in.scenario.MemberName(id))
			}
			side[id] = i
		}
	}
	return nil
}

// text is the statement with members in place of its selectors.
func (a *Action) text() string {
	st := a.Statement
	st.Groups = make([][]sim.Selector, len(a.resolved))
	for i, ids := range a.resolved {
		st.Groups[i] = make([]sim.Selector, len(ids))
		for k, id := range ids {
			st.Groups[i][k] = sim.Named(a.in.scenario.MemberName(id))
		}
		st.Groups[i] = append(st.Groups[i], a.namedClients(i)...)
	}
	return st.String()
}

// only is the one member that the statement hits, or 0.
func (a *Action) only() sim.MemberID {
	if len(a.resolved) == 1 && len(a.resolved[0]) == 1 && len(a.clients[0]) == 0 {
		return a.resolved[0][0]
	}
	return 0
}

// Members are those that the statement's group i means.
func (a *Action) Members(i int) []sim.MemberID { return a.resolved[i] }

// NewMember is the ID of the member that the statement adds.
func (a *Action) NewMember() (sim.MemberID, error) { return a.in.scenario.MemberID(a.Statement.New) }

// Cluster is the running cluster, for statements that are over at once.
func (a *Action) Cluster() sim.Cluster { return a.in.cluster }

// operator is the cluster with the powers of T, which the verb has said it needs.
func operator[T any](a *Action) (T, error) {
	o, ok := a.in.cluster.(T)
	if !ok {
		return o, fmt.Errorf("%s: this cluster can't", a.Statement.Verb)
	}
	return o, nil
}

// Links breaks each link from one of the first members to one of the second.
func (a *Action) Links(from, to []sim.MemberID, change func(*sim.LinkState)) {
	for _, f := range from {
		for _, t := range to {
			if f != t {
				a.effects = append(a.effects, effect{on: onLink, from: f, to: t, link: change})
			}
		}
	}
}

// Disks breaks the disk of each member.
func (a *Action) Disks(ms []sim.MemberID, change func(*sim.DiskState)) {
	for _, m := range ms {
		a.effects = append(a.effects, effect{on: onDisk, to: m, disk: change})
	}
}

// Down crashes each member for as long as the statement lasts.
func (a *Action) Down(ms []sim.MemberID) {
	for _, m := range ms {
		a.effects = append(a.effects, effect{on: onProcess, to: m})
	}
}

// Paused stops each member for as long as the statement lasts.
func (a *Action) Paused(ms []sim.MemberID) {
	for _, m := range ms {
		a.effects = append(a.effects, effect{on: onPause, to: m})
	}
}

// Drift makes each member's clock run fast or slow.
func (a *Action) Drift(ms []sim.MemberID, s sim.Share) {
	for _, m := range ms {
		a.effects = append(a.effects, effect{on: onClock, to: m, drift: s})
	}
}

// Load sets the pace of the load.
func (a *Action) Load(p sim.Pace) {
	a.effects = append(a.effects, effect{on: onLoad, pace: p})
}

// During begins something that goes on for as long as the statement lasts.
func (a *Action) During(begin func() (end func() error, err error)) {
	a.effects = append(a.effects, effect{on: onOwn, own: &ongoing{begin: begin}})
}

// MendLinks ends every fault of a link at one of the members, and of clients' ways to them; nil means all links.
func (a *Action) MendLinks(ms []sim.MemberID) {
	a.in.remove(func(_ *fault, e effect) bool {
		return (e.on == onLink || e.on == onWay) &&
			(ms == nil || slices.Contains(ms, e.from) || slices.Contains(ms, e.to))
	})
}

// MendDisks ends every fault of the members' disks; nil means all disks.
func (a *Action) MendDisks(ms []sim.MemberID) {
	a.in.remove(func(_ *fault, e effect) bool { return e.on == onDisk && (ms == nil || slices.Contains(ms, e.to)) })
}

// Up starts members that are down, whatever brought them down.
func (a *Action) Up(ms []sim.MemberID) error {
	a.in.remove(func(_ *fault, e effect) bool { return e.on == onProcess && slices.Contains(ms, e.to) })
	return each(ms, a.in.cluster.Start)
}

// each does something to each member, whatever comes of the others.
func each(ms []sim.MemberID, do func(sim.MemberID) error) error {
	var errs []error
	for _, m := range ms {
		if err := do(m); err != nil {
			errs = append(errs, err)
		}
	}
	err := errors.Join(errs...)
	if 0 < len(errs) && len(errs) < len(ms) {
		return sim.InPart(err)
	}
	return err
}

// Restarted ends the faults of members' processes, since a statement has started the
// members by itself; nil means all members.
func (a *Action) Restarted(ms []sim.MemberID) {
	a.in.remove(func(_ *fault, e effect) bool {
		return (e.on == onProcess || e.on == onPause) && (ms == nil || slices.Contains(ms, e.to))
	})
}

// Unpaused lets paused members go on.
func (a *Action) Unpaused(ms []sim.MemberID) {
	a.in.remove(func(_ *fault, e effect) bool { return e.on == onPause && slices.Contains(ms, e.to) })
}
