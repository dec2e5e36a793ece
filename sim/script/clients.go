package script

import (
	"fmt"
	"slices"
	"strings"

	"quorumlab/sim"
)

// Clients in a statement: "client c1" is one, "clients" are all. They can stand with members on a side, and what
// happens to the side happens to them, as far as the verb is one for clients.

// isClient reports whether a selector means clients.
func isClient(x sim.Selector) bool { return x.By == sim.ByClient || x.By == sim.ByClients }

// namesClients reports whether a statement has clients.
func namesClients(st sim.Statement) bool {
	return slices.ContainsFunc(slices.Concat(st.Groups...), isClient)
}

// verbsOfClients are the verbs that take clients.
func verbsOfClients() (names []string) {
	for _, name := range verbNames() {
		if verbs[name].Clients {
			names = append(names, name)
		}
	}
	return names
}

// clients finds clients that there are not, or to whom nothing of the kind can happen.
func (f *finder) clients(v *Verb) {
	st := f.step.Do
	for _, g := range st.Groups {
		if _, err := f.s.Clients(g); err != nil {
			for _, x := range g {
				if _, bad := f.s.Clients([]sim.Selector{x}); bad != nil {
					f.at(x.Name, "%w", bad)
				}
			}
		}
	}
	if !namesClients(st) {
		return
	}
	place := strings.Index(st.String(), " client") + 1
	switch {
	case !v.Clients:
		f.bad("do", place, "%q is for members; what can happen to clients is %s", v.Name,
			strings.Join(verbsOfClients(), ", "))
	case f.s.Workload.Clients == 0:
		f.bad("do", place, "there is no workload, and so there are no clients; set workload.clients")
	case slices.Contains(v.Args, argArrow) && clientsOnly(st.Groups[0]) && clientsOnly(st.Groups[1]):
		f.bad("do", place, "clients do not talk to each other; one side must be members")
	}
}

func clientsOnly(g []sim.Selector) bool {
	return !slices.ContainsFunc(g, func(x sim.Selector) bool { return !isClient(x) })
}

// resolveClients notes the clients of each side and returns the selectors of members.
func (a *Action) resolveClients() (members [][]sim.Selector, err error) {
	groups := a.Statement.Groups
	a.clients = make([][]int, len(groups))
	if !namesClients(a.Statement) {
		return groups, nil
	}
	members = make([][]sim.Selector, len(groups))
	for i, g := range groups {
		if a.clients[i], err = a.in.scenario.Clients(g); err != nil {
			return nil, err
		}
		members[i] = slices.DeleteFunc(slices.Clone(g), isClient)
	}
	return members, nil
}

// namedClients are a side's clients by name.
func (a *Action) namedClients(i int) (names []sim.Selector) {
	for _, c := range a.clients[i] {
		names = append(names, sim.Selector{By: sim.ByClient, Name: sim.ClientName(c)})
	}
	return names
}

// ways breaks the ways of clients on one side to members on another, and back.
func (a *Action) ways(from, to int, change func(*sim.LinkState)) {
	for _, m := range a.resolved[to] {
		for _, c := range a.clients[from] {
			a.effects = append(a.effects, effect{on: onWay, client: c, out: true, to: m, link: change})
		}
	}
	for _, m := range a.resolved[from] {
		for _, c := range a.clients[to] {
			a.effects = append(a.effects, effect{on: onWay, client: c, to: m, link: change})
		}
	}
}

// isolateClients cuts the statement's clients off from every member.
func (a *Action) isolateClients() {
	for _, c := range a.clients[0] {
		for _, m := range a.Cluster().Members() {
			for _, out := range []bool{true, false} {
				a.effects = append(a.effects, effect{on: onWay, client: c, out: out, to: m.ID, link: cutLink})
			}
		}
	}
}

// mendClients ends every fault of the ways of the statement's clients.
func (a *Action) mendClients() {
	if len(a.clients) > 0 {
		a.in.remove(func(_ *fault, e effect) bool { return e.on == onWay && slices.Contains(a.clients[0], e.client) })
	}
}

// pauseClients stops the statement's clients for as long as it lasts.
func (a *Action) pauseClients() {
	for _, c := range a.clients[0] {
		a.effects = append(a.effects, effect{on: onClient, client: c})
	}
}

// resumeClients lets them go on.
func (a *Action) resumeClients() {
	a.in.remove(func(_ *fault, e effect) bool { return e.on == onClient && slices.Contains(a.clients[0], e.client) })
}

// applyClient brings a client's place to the state that the active faults add up to.
func (in *Injector) applyClient(e effect) error {
	host, ok := in.cluster.(sim.ClientHost)
	if !ok {
		return fmt.Errorf("this cluster's clients have no place")
	}
	if e.on == onClient {
		paused := false
		in.each(onClient, func(o effect) { paused = paused || o.client == e.client })
		return host.SetClientPaused(e.client, paused)
	}
	var s sim.LinkState
	in.each(onWay, func(o effect) {
		if o.client == e.client && o.to == e.to && o.out == e.out {
			o.link(&s)
		}
	})
	host.SetClientLink(e.client, e.to, e.out, s)
	return nil
}
