package check

import (
	"fmt"
	"time"

	"quorumlab/sim"
)

func init() {
	register("balancer.dead-ends", sim.Count, sim.OfEvents,
		"operations that a client's balancer gave to a member while one direction between the two was cut; known of clients "+
			"with a place of their own",
		func(r *run, w sim.Window) (float64, bool) {
			n := 0
			for _, c := range r.choices() {
				if c.cut != nil && w.Has(c.asks.At) {
					n++
				}
			}
			return float64(n), len(r.choices()) > 0
		})
	explain("balancer.dead-ends", func(r *run, w sim.Window) (ns []uint64) {
		for _, c := range r.choices() {
			if c.cut != nil && w.Has(c.asks.At) && len(ns) < maxEvents {
				ns = append(ns, c.asks.Seq)
			}
		}
		return ns
	})
}

// choice is what a balancer chose, and the event since which that way was cut, or nil.
type choice struct {
	asks, cut *sim.Event
}

// choices lists what balancers chose, in order.
func (r *run) choices() (all []choice) {
	type way struct {
		client uint32
		member sim.MemberID
		out    bool
	}
	cut := map[way]*sim.Event{}
	for _, e := range r.kinds()[sim.KindClient] {
		w := way{e.Client, e.Member, true}
		back := way{e.Client, e.Member, false}
		switch sim.ClientChange(e.Count) {
		case sim.ClientCut:
			cut[w] = e
		case sim.ClientMended:
			delete(cut, w)
		case sim.ClientDeaf:
			cut[back] = e
		case sim.ClientHears:
			delete(cut, back)
		case sim.ClientAsks:
			since := cut[w]
			if b := cut[back]; since == nil || b != nil && b.Seq < since.Seq {
				since = b
			}
			all = append(all, choice{e, since})
		}
	}
	return all
}

// tellBalancers tells where clients went on to ask a member that they could not reach, or that could not reach them.
func (r *run) tellBalancers(eps []*episode) {
	type blind struct {
		client uint32
		member sim.MemberID
		cut    uint64
	}
	var order []blind
	dead, last := map[blind]int{}, map[blind]*sim.Event{}
	for _, c := range r.choices() {
		if c.cut == nil {
			continue
		}
		b := blind{c.asks.Client, c.asks.Member, c.cut.Seq}
		if dead[b]++; dead[b] == 1 {
			order = append(order, b)
		}
		last[b] = c.asks
	}
	for _, b := range order {
		e := during(eps, b.cut)
		e.effect(fmt.Sprintf("the balancer of client %s gave %s %s, the last one at %s", sim.ClientName(int(b.client)),
			r.t.Name(b.member), number(dead[b], "operation"), moment(last[b].At)), b.cut)
		e.weight += time.Duration(dead[b]) * time.Millisecond
	}
}
