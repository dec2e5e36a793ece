package export

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/script"
)

// span is a statement with the time from its beginning to its end, which in a script may
// be another statement.
type span struct {
	step  int // its place in the script, from 0
	at    time.Duration
	lasts time.Duration
	do    sim.Statement // with members in place of what the seed has drawn
}

// String is the line of the script.
func (s span) String() string {
	line := sim.FormatDuration(s.at)
	if script.VerbNamed(s.do.Verb).Lasts {
		line += " for " + sim.FormatDuration(s.lasts)
	}
	return line + ": " + s.do.String()
}

// killing is how long the object of a statement that is over at once stays there.
const killing = 5 * time.Second

// drawer draws what "random N" means.
type drawer = *rand.Rand

// spanner finds the spans of a script: it walks through it in order of time and keeps
// what is broken.
type spanner struct {
	*exporter
	now  time.Duration
	open []*span
	done []*span
}

// findSpans lists the spans in the order in which they begin. What can't be exported is
// refused.
func (x *exporter) findSpans() (list []span) {
	w := spanner{exporter: x}
	order := make([]int, len(x.s.Steps))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(x.s.StepTime(a) - x.s.StepTime(b)) })
	for _, i := range order {
		w.step(i)
	}
	for _, sp := range w.done {
		if script.VerbNamed(sp.do.Verb).Lasts && sp.lasts < shortest {
			x.refuse(sp.step, fmt.Sprintf("it lasts %s, and Chaos Mesh takes about a second to start a fault and to end it",
				sim.FormatDuration(sp.lasts)))
			continue
		}
		list = append(list, *sp)
	}
	return list
}

func (w *spanner) step(i int) {
	w.now = w.s.StepTime(i)
	w.open = slices.DeleteFunc(w.open, func(sp *span) bool { return sp.at+sp.lasts <= w.now })
	st := w.s.Steps[i]
	if why := w.unknown(st.Do); why != "" {
		w.refuse(i, why)
		return
	}
	sp := &span{step: i, at: w.now, lasts: w.s.Run - w.now, do: w.drawn(st.Do)}
	if st.For > 0 {
		sp.lasts = min(sp.lasts, st.For)
	}
	if f, ok := ends[sp.do.Verb]; ok && !w.end(i, f, sp.do) {
		return
	}
	c := counterparts[sp.do.Verb]
	if c == nil && ends[sp.do.Verb] != atOnce {
		return // it has ended what it ends
	}
	if c == nil {
		w.refuse(i, whyNot(script.VerbNamed(sp.do.Verb)))
		return
	}
	if c.refuse != nil && c.refuse(sp.do) != "" {
		w.refuse(i, c.refuse(sp.do))
		return
	}
	if sp.do.Verb == "restart" && !w.killed(sp) {
		return
	}
	if c.acts == atOnce {
		sp.lasts = killing
	}
	w.open = append(w.open, sp)
	w.done = append(w.done, sp)
}

// unknown says whom a statement names that the real cluster does not have.
func (w *spanner) unknown(do sim.Statement) string {
	for _, g := range do.Groups {
		for _, sel := range g {
			if sel.By == sim.ByName && w.place(sel.Name) < 0 {
				return fmt.Sprintf("%s is not a member at the start", sel.Name)
			}
			if sel.By == sim.ByClient || sel.By == sim.ByClients {
				return "clients are outside of the cluster, and Chaos Mesh breaks its pods"
			}
			if sel.By == sim.ByCrashed && do.Verb != "restart" {
				return "which members \"crashed\" selects is only known during the run"
			}
		}
	}
	return ""
}

// place is a member's place in the list, or -1.
func (x *exporter) place(name string) int {
	return slices.IndexFunc(x.s.Cluster.Members, func(m sim.MemberSpec) bool { return m.Name == name })
}

// end ends the open faults of a field that a statement ends. It refuses the statement if
// it would end a part of one, or if nobody knows beforehand.
func (w *spanner) end(step int, f field, do sim.Statement) bool {
	for _, sp := range w.open {
		if counterparts[sp.do.Verb].acts != f {
			continue
		}
		switch w.covers(do, sp.do) {
		case whole:
			sp.lasts = w.now - sp.at
		case part:
			w.refuse(step, fmt.Sprintf("it ends part of %q, and a Chaos Mesh object ends as a whole: write a statement for "+
				"each part", sp.do))
			return false
		case unsure:
			w.refuse(step, fmt.Sprintf("whether it ends %q is only known during the run: give that one a for: instead", sp.do))
			return false
		}
	}
	w.open = slices.DeleteFunc(w.open, func(sp *span) bool { return sp.at+sp.lasts <= w.now })
	return true
}

// cover is how much of a fault a statement ends.
type cover uint8

const (
	nothing cover = iota
	part
	whole
	unsure
)

// covers says how much of a fault a statement ends.
func (w *spanner) covers(ending, fault sim.Statement) cover {
	if len(ending.Groups) == 0 || w.onlyCrashed(ending) {
		return whole
	}
	if asks(ending) {
		if ending.Verb == "restart" {
			return nothing // those who lead and who follow are up
		}
		return unsure
	}
	ms := w.static(ending)[0]
	if len(ms) == len(w.s.Cluster.Members) {
		return whole
	}
	if asks(fault) {
		return unsure
	}
	return w.share(ms, fault)
}

// share says how much of a fault is at the members.
func (w *spanner) share(ms []int, fault sim.Statement) cover {
	in, all := 0, 0
	count := func(is bool) {
		all++
		if is {
			in++
		}
	}
	has := func(m int) bool { return slices.Contains(ms, m) }
	groups := w.static(fault)
	switch c := counterparts[fault.Verb]; {
	case c.acts != links:
		for _, m := range groups[0] {
			count(has(m))
		}
	case fault.Verb == "isolate":
		for _, m := range groups[0] {
			for o := range w.s.Cluster.Members {
				if o != m {
					count(has(m) || has(o))
				}
			}
		}
	default:
		for i, g := range groups {
			for _, o := range slices.Concat(groups[i+1:]...) {
				for _, m := range g {
					count(has(m) || has(o))
				}
			}
		}
	}
	switch in {
	case 0:
		return nothing
	case all:
		return whole
	}
	return part
}

func (w *spanner) onlyCrashed(do sim.Statement) bool {
	return len(do.Groups) == 1 && !slices.ContainsFunc(do.Groups[0],
		func(s sim.Selector) bool { return s.By != sim.ByCrashed })
}

// killed makes the span of a restart one of those who are up, whom it kills and starts
// again. It reports whether there are any.
func (w *spanner) killed(sp *span) bool {
	if w.onlyCrashed(sp.do) {
		return false
	}
	if asks(sp.do) {
		return true
	}
	var up []sim.Selector
	for _, m := range w.static(sp.do)[0] {
		if !w.fell(m, sp.at) {
			up = append(up, sim.Named(w.s.Cluster.Members[m].Name))
		}
	}
	sp.do.Groups = [][]sim.Selector{up}
	return len(up) > 0
}

// fell reports whether a member, named or drawn, was down until now.
func (w *spanner) fell(m int, now time.Duration) bool {
	return slices.ContainsFunc(w.done, func(sp *span) bool {
		return sp.do.Verb == "crash" && sp.at < now && sp.at+sp.lasts >= now && !asks(sp.do) &&
			slices.Contains(w.static(sp.do)[0], m)
	})
}

// drawn puts members in place of "random N". The draws are those of a run on sim with
// this seed, as long as the same members are up.
func (w *spanner) drawn(do sim.Statement) sim.Statement {
	groups := make([][]sim.Selector, len(do.Groups))
	for i, g := range do.Groups {
		for _, sel := range g {
			if sel.By != sim.ByRandom {
				groups[i] = append(groups[i], sel)
				continue
			}
			for _, m := range w.draw(sel.N) {
				groups[i] = append(groups[i], sim.Named(w.s.Cluster.Members[m].Name))
			}
		}
	}
	do.Groups = groups
	return do
}

func (w *spanner) draw(n int) (drawn []int) {
	var up []int
	for m := range w.s.Cluster.Members {
		if !w.fell(m, w.now+1) {
			up = append(up, m)
		}
	}
	for ; n > 0 && len(up) > 0; n-- {
		i := int(sim.Below(w.random, int64(len(up))))
		drawn = append(drawn, up[i])
		up = slices.Delete(up, i, i+1)
	}
	return drawn
}
