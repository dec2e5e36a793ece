package check

import (
	"fmt"
	"time"

	"quorumlab/sim"
)

// mostLeases is how many leases of one moment are told one by one.
const mostLeases = 3

// tellLeases tells which leases ended by themselves, and how that fits their time, and which clients gave up.
func (r *run) tellLeases(eps []*episode) {
	ended := map[*episode][]*lease{}
	for _, l := range r.leases() {
		if l.expired() {
			e := during(eps, l.ended.Seq)
			ended[e] = append(ended[e], l)
		}
		if g := l.givenUp; g != nil && (l.ended == nil || g.Seq < l.ended.Seq) {
			e := during(eps, g.Seq)
			e.change(g.At, fmt.Sprintf("%s took the lease %s for lost: %s", clientName(g), g.Key, g.Note), g.Seq)
			e.weight += time.Second
		}
	}
	for e, ls := range ended {
		if len(ls) <= mostLeases {
			for _, l := range ls {
				e.change(l.ended.At, l.sentence(), l.ended.Seq)
			}
		} else {
			e.change(ls[0].ended.At, leasesSentence(ls), ls[0].ended.Seq)
		}
		for _, l := range ls {
			e.weight += l.late() + 10*l.early()
		}
	}
}

// clientName is the name of an event's client.
func clientName(e *sim.Event) string { return sim.ClientName(int(e.Client)) }

// sentence tells how the lease ended.
func (l *lease) sentence() string {
	name := "the lease " + l.ended.Key
	switch {
	case l.early() > 0:
		return fmt.Sprintf("%s ended, %s before its time", name, length(l.early()))
	case l.keptAt(l.ended):
		return fmt.Sprintf("%s expired although %s kept it alive: its last renewal was answered %s before", name,
			clientName(l.ended), length(l.ended.At-l.newest().answered.At))
	}
	return fmt.Sprintf("%s expired, %s after its time", name, length(l.late()))
}

// leasesSentence tells of many at once.
func leasesSentence(ls []*lease) string {
	early, lost, late := 0, 0, time.Duration(0)
	for _, l := range ls {
		switch {
		case l.early() > 0:
			early++
		case l.keptAt(l.ended):
			lost++
		}
		late = max(late, l.late())
	}
	text := fmt.Sprintf("%s expired, up to %s after their time", number(len(ls), "lease"), length(late))
	if lost > 0 {
		text += fmt.Sprintf(", %d of them although their clients kept them alive", lost)
	}
	if early > 0 {
		text += fmt.Sprintf(", and %d of them before it", early)
	}
	return text
}

// leasesAtTheEnd tells of leases that nobody kept alive and that were there all the same.
func (r *run) leasesAtTheEnd() (parts []string) {
	for _, l := range r.leases() {
		q := l.newest()
		if l.ended != nil || !q.ok() || l.revoked != nil || !l.keyed() {
			continue
		}
		if late := r.length - q.answered.At - q.ttl(); late >= time.Second {
			parts = append(parts, fmt.Sprintf("the lease %s was still there, %s after its time", q.asked.Key, length(late)))
		}
	}
	if len(parts) > mostLeases {
		parts = append(parts[:mostLeases], fmt.Sprintf("and so were %d more", len(parts)-mostLeases))
	}
	return parts
}

// keyed reports whether its keys were written, without which nobody sees its end.
func (l *lease) keyed() bool {
	for _, f := range l.fates {
		if f.Count == sim.LeaseKeyed {
			return true
		}
	}
	return false
}
