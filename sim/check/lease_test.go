package check

import (
	"strings"
	"testing"
	"time"

	"quorumlab/sim"
)

// lease adds an event of the lease with the number 1.
func (p *tape) lease(k sim.Kind, e sim.Event) *tape {
	e.Kind, e.ID, e.Key, e.Client = k, 1, "a", 2
	p.add(e)
	return p
}

// granted is a lease of 5 s from 1 s on, which its client renews at 4 s.
func granted() *tape {
	p := newTape(3).at(500)
	p.elect(1, 2, 2, 3)
	p.at(1000).lease(sim.KindLeaseAsked, sim.Event{Count: sim.LeaseGrant, Index: 1, Value: 5000})
	p.at(1010).lease(sim.KindLeaseAnswered, sim.Event{Count: sim.LeaseGrant, Index: 1, Value: 5000, Result: sim.OutcomeOK})
	p.lease(sim.KindLease, sim.Event{Count: sim.LeaseKeyed, Revision: 3})
	p.at(1020).lease(sim.KindLease, sim.Event{Count: sim.LeaseKept})
	p.at(4000).lease(sim.KindLeaseAsked, sim.Event{Count: sim.LeaseKeepAlive, Index: 2})
	p.at(4100).lease(sim.KindLeaseAnswered, sim.Event{Count: sim.LeaseKeepAlive, Index: 2, Value: 5000,
		Result: sim.OutcomeOK})
	return p
}

// twoLeases is one that ends too early although it is kept, and one that ends late, after its client has given up.
func (p *tape) twoLeases() {
	for id := range uint64(2) {
		add := func(k sim.Kind, e sim.Event) {
			e.Kind, e.ID, e.Key, e.Client = k, id+1, "a", 2
			p.add(e)
		}
		add(sim.KindLeaseAsked, sim.Event{Count: sim.LeaseGrant, Index: 1, Value: 1000})
		add(sim.KindLeaseAnswered, sim.Event{Count: sim.LeaseGrant, Index: 1, Value: 1000, Result: sim.OutcomeOK})
		add(sim.KindLease, sim.Event{Count: sim.LeaseKept})
		if id == 1 {
			p.now += 1500 * time.Millisecond
			add(sim.KindLease, sim.Event{Count: sim.LeaseLeft, Result: sim.OutcomeFailed})
		}
		add(sim.KindLease, sim.Event{Count: sim.LeaseEnded, Member: 1, Revision: 9})
	}
}

func TestLeasesCheck(t *testing.T) {
	ended := sim.Event{Count: sim.LeaseEnded, Member: 2, Revision: 4}
	for _, tt := range []struct {
		name string
		then func(p *tape)
		ok   bool
		why  string
	}{
		{"its time is over", func(p *tape) { p.at(9001).lease(sim.KindLease, ended) }, true, "of 1 lease, 1 expired"},
		{"just before its time", func(p *tape) { p.at(8999).lease(sim.KindLease, ended) }, false,
			"the lease a ended at 8.999 s, 1.0 ms before its time: its client had asked at 4.0 s, and was granted 5.00 s"},
		{"revoked", func(p *tape) {
			p.at(5000).lease(sim.KindLeaseAsked, sim.Event{Count: sim.LeaseRevoke, Index: 3})
			p.at(5010).lease(sim.KindLease, ended)
		}, true, "of 1 lease, 0 expired"},
		{"a renewal that is not answered does not count", func(p *tape) {
			p.at(8000).lease(sim.KindLeaseAsked, sim.Event{Count: sim.LeaseKeepAlive, Index: 3})
			p.at(9500).lease(sim.KindLease, ended)
		}, true, "of 1 lease, 1 expired"},
		{"one that is answered later does", func(p *tape) {
			p.at(8000).lease(sim.KindLeaseAsked, sim.Event{Count: sim.LeaseKeepAlive, Index: 3})
			p.at(9500).lease(sim.KindLease, ended)
			p.at(9600).lease(sim.KindLeaseAnswered, sim.Event{Count: sim.LeaseKeepAlive, Index: 3, Value: 5000,
				Result: sim.OutcomeOK})
		}, false, "3.50 s before its time"},
		{"told that there is no such lease", func(p *tape) {
			p.at(8000).lease(sim.KindLeaseAsked, sim.Event{Count: sim.LeaseKeepAlive, Index: 3})
			p.at(8100).lease(sim.KindLeaseAnswered, sim.Event{Count: sim.LeaseKeepAlive, Index: 3, Result: sim.OutcomeFailed})
			p.at(9100).lease(sim.KindLease, ended)
		}, true, "of 1 lease, 1 expired"},
		{"not ended", func(*tape) {}, true, "of 1 lease, 0 expired"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := granted()
			tt.then(p)
			v := CheckNamed("leases").Judge(p.trace())
			if v.OK != tt.ok || !strings.Contains(v.Why, tt.why) {
				t.Errorf("%+v, want %v: %s", v, tt.ok, tt.why)
			}
		})
	}
}

func TestLeaseMeasuresAndStory(t *testing.T) {
	p := granted()
	p.at(9000).lease(sim.KindLease, sim.Event{Count: sim.LeaseLeft, Result: sim.OutcomeFailed,
		Note: "no answer for 4.9s"})
	p.at(10_100).lease(sim.KindLease, sim.Event{Count: sim.LeaseEnded, Member: 2, Revision: 4})
	p.at(20_000)
	tr := p.trace()
	all := sim.Window{}
	want(t, "leases.granted", tr, all, 1)
	want(t, "leases.expired", tr, all, 1)
	want(t, "leases.early", tr, all, 0)
	want(t, "leases.lost", tr, all, 0)
	want(t, "leases.given-up", tr, all, 1)
	want(t, "leases.late.max", tr, all, 1000)
	want(t, "leases.late.p50", tr, all, 1000)
	story := ""
	for _, s := range Story(tr) {
		story += s.Text + "\n"
	}
	for _, part := range []string{"c2 took the lease a for lost: no answer for 4.9s",
		"the lease a expired, 1.00 s after its time"} {
		if !strings.Contains(story, part) {
			t.Errorf("the story lacks %q:\n%s", part, story)
		}
	}

	p = granted()
	p.at(9500).lease(sim.KindLease, sim.Event{Count: sim.LeaseEnded, Member: 2, Revision: 4})
	want(t, "leases.lost", p.trace(), all, 1)
	p = granted()
	p.at(30_000).on(sim.KindStarted, 1)
	story = ""
	for _, s := range Story(p.trace()) {
		story += s.Text
	}
	if !strings.Contains(story, "the lease a was still there, 20.9 s after its time") {
		t.Errorf("the story is silent about a lease that does not end:\n%s", story)
	}
}
