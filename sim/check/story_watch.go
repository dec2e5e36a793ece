package check

import (
	"fmt"
	"time"

	"quorumlab/sim"
)

// tellWatches tells how late each watch was, in the episode of the write that was the latest, and where one went on.
func (r *run) tellWatches(eps []*episode) {
	type of struct {
		watch   *watch
		episode *episode
	}
	worst := map[of]arrival{}
	many := map[of]int{}
	for _, a := range r.arrivals() {
		if a.late() < r.notable() {
			continue
		}
		k := of{a.watch, during(eps, a.since.Seq)}
		many[k]++
		if w, ok := worst[k]; !ok || a.late() > w.late() {
			worst[k] = a
		}
	}
	for _, e := range eps {
		for _, x := range r.watches() {
			k := of{x, e}
			if a, ok := worst[k]; ok {
				e.effect(fmt.Sprintf("%s was up to %s late (%s)", r.watchName(x), length(a.late()),
					number(many[k], "write")), a.since.Seq, a.event.Seq)
				e.weight += a.late()
			}
		}
	}
	for _, x := range r.watches() {
		for i, e := range x.resumed {
			after := ""
			if i < len(x.cancelled) {
				after = ", " + length(e.At-x.cancelled[i].At) + " later"
			}
			during(eps, e.Seq).change(e.At, fmt.Sprintf("%s went on from revision %d%s", r.watchName(x), e.Revision, after),
				e.Seq)
		}
	}
}

// watchName is what a watch is of, and at which member.
func (r *run) watchName(x *watch) string {
	name := "the watch of " + x.begun.Key
	if x.prefix {
		name += "*"
	}
	if x.begun.Member > 0 {
		name += " at " + r.t.Name(x.begun.Member)
	}
	return name
}

// silentAtTheEnd tells of watches that had been silent while others wrote, and still were.
func (r *run) silentAtTheEnd() (parts []string) {
	for _, x := range r.watches() {
		ms := r.missedBy(x, sim.Window{})
		if len(ms) == 0 || r.clusterAt(x.begun.Seq) != r.clusterAt(r.quiet.Events[len(r.quiet.Events)-1].Seq) {
			continue
		}
		if late := r.length - ms[0].ret.At; late > time.Second {
			parts = append(parts, fmt.Sprintf("%s was %s late", r.watchName(x), length(late)))
		}
	}
	return parts
}
