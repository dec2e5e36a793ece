package check

import (
	"strings"
	"testing"

	"quorumlab/sim"
)

// watch adds an event of the watch with the number 7.
func (p *tape) watch(k sim.Kind, e sim.Event) *tape {
	e.Kind, e.ID, e.Client = k, 7, 9
	if e.Key == "" {
		e.Key = "w"
	}
	p.add(e)
	return p
}

// got is an event of revision and answer of the watch; the value is ten times the revision.
func (p *tape) got(revision uint64, answer uint32) *tape {
	return p.watch(sim.KindWatchEvent, sim.Event{Value: 10 * revision, Revision: revision, Count: answer})
}

// watchedTape is a watch from revision 5 on and writes of the revisions 5 to 8, acknowledged at 1 s.
func watchedTape() *tape {
	p := newTape(3).at(500)
	p.elect(1, 2, 2, 3)
	p.at(900).watch(sim.KindWatchBegun, sim.Event{Revision: 5, Member: 3})
	for rev := range uint64(4) {
		p.at(1000).put(1, "w", 50+10*rev, 5+rev, 0)
	}
	return p
}

// badWatch is one that breaks promises, and that the server ends.
func (p *tape) badWatch() {
	p.watch(sim.KindWatchBegun, sim.Event{Revision: 105})
	id := p.call(1, sim.OpPut, "w", 1060, 0)
	p.back(id, sim.OutcomeOK, 1060, 106)
	p.now += 1e6
	p.got(106, 1).got(106, 2).got(105, 3)
	p.watch(sim.KindWatchEnded, sim.Event{Result: sim.OutcomeFailed, Note: "no leader"})
}

// TestWatchPromises: each that is broken on purpose is found, and named.
func TestWatchPromises(t *testing.T) {
	for _, tt := range []struct {
		name string
		then func(p *tape)
		why  string // empty: it holds
	}{
		{"all in order", func(p *tape) { p.got(5, 1).got(6, 2).got(7, 2).got(8, 3) }, ""},
		{"the newest are on their way", func(p *tape) { p.got(5, 1).got(6, 2) }, ""},
		{"ordered", func(p *tape) { p.got(5, 1).got(7, 2).got(6, 3).got(8, 4) },
			"not ordered: revision 6 arrived at 1.0 s, after revision 7"},
		{"unique", func(p *tape) { p.got(5, 1).got(6, 2).got(6, 3) },
			"not unique: the write of revision 6 to w arrived at 1.0 s and again at 1.0 s"},
		{"reliable", func(p *tape) { p.got(5, 1).got(8, 2) },
			"not reliable: 2 writes were left out before revision 8, the first of them revision 6 of w"},
		{"reliable from its first revision on", func(p *tape) { p.got(6, 1) },
			"not reliable: 1 write was left out before revision 6, the first of them revision 5 of w"},
		{"atomic", func(p *tape) {
			p.got(5, 1).watch(sim.KindWatchEvent, sim.Event{Key: "w2", Revision: 5, Count: 2})
		}, "not atomic: revision 5 came in two answers"},
		{"resumable", func(p *tape) {
			p.got(5, 1).watch(sim.KindWatchEnded, sim.Event{Result: sim.OutcomeFailed, Note: "no leader"})
			p.watch(sim.KindWatchBegun, sim.Event{Revision: 6}).got(8, 2)
		}, "not resumable: 2 writes were left out before revision 8"},
		{"resumed", func(p *tape) {
			p.got(5, 1).watch(sim.KindWatchEnded, sim.Event{Result: sim.OutcomeFailed, Note: "no leader"})
			p.watch(sim.KindWatchBegun, sim.Event{Revision: 6}).got(6, 2).got(7, 2).got(8, 2)
		}, ""},
		{"before what was asked for", func(p *tape) { p.got(4, 1) },
			"not resumable: revision 4 arrived, before revision 5 that was asked for"},
		{"bookmarkable", func(p *tape) {
			p.got(5, 1).watch(sim.KindWatchProgress, sim.Event{Revision: 8}).got(6, 2).got(7, 2).got(8, 2)
		}, "not bookmarkable: revision 6 arrived at 1.0 s, after the server had said that all up to 8 had"},
		{"a bookmark before its time", func(p *tape) { p.got(5, 1).watch(sim.KindWatchProgress, sim.Event{Revision: 8}) },
			"not reliable: 3 writes were left out before revision 8"},
		{"a restored cluster has other revisions", func(p *tape) {
			p.got(5, 1).got(6, 2).got(7, 2)
			p.newCluster(5, 0)
			p.put(1, "w", 61, 6, 0)
			p.watch(sim.KindWatchEvent, sim.Event{Value: 61, Revision: 6, Count: 3})
		}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := watchedTape()
			tt.then(p)
			v := CheckNamed("watch-promises").Judge(p.trace())
			if v.OK != (tt.why == "") || !strings.Contains(v.Why, tt.why) || !v.OK && len(v.Events) == 0 {
				t.Errorf("%+v, want %q", v, tt.why)
			}
		})
	}
}

// TestPrefixWatchesGetEveryKey: it is judged by all of them.
func TestPrefixWatchesGetEveryKey(t *testing.T) {
	p := newTape(3)
	p.watch(sim.KindWatchBegun, sim.Event{Revision: 5, Count: 1})
	p.put(1, "w1", 50, 5, 0)
	p.put(1, "w2", 60, 6, 0)
	p.put(1, "x", 70, 7, 0)
	p.put(1, "w1", 80, 8, 0)
	p.watch(sim.KindWatchEvent, sim.Event{Key: "w1", Value: 50, Revision: 5, Count: 1})
	p.watch(sim.KindWatchEvent, sim.Event{Key: "w1", Value: 80, Revision: 8, Count: 2})
	v := CheckNamed("watch-promises").Judge(p.trace())
	if !strings.Contains(v.Why, "1 write was left out before revision 8, the first of them revision 6 of w2") {
		t.Errorf("%+v", v)
	}
}

func TestWatchLatenessAndStory(t *testing.T) {
	p := watchedTape()
	p.at(2000).begin("isolate n3")
	id := p.call(1, sim.OpPut, "w", 90, 0)
	p.at(2010).back(id, sim.OutcomeOK, 90, 9)
	p.at(2020).got(5, 1).got(6, 1).got(7, 1).got(8, 1)
	p.at(5000).watch(sim.KindWatchEnded, sim.Event{Result: sim.OutcomeFailed, Note: "etcdserver: watch canceled"})
	p.at(13_910).watch(sim.KindWatchBegun, sim.Event{Revision: 9, Member: 3}).got(9, 2)
	p.at(20_000).on(sim.KindStarted, 1)
	tr := p.trace()
	all := sim.Window{}
	want(t, "watch.late.max", tr, all, 11_900)
	want(t, "watch.late.p50", tr, all, 1020)
	want(t, "watch.late.p99", tr, all, 11_900)
	want(t, "watch.cancelled", tr, all, 1)
	want(t, "watch.missed", tr, all, 0)
	want(t, "watch.compacted", tr, all, 0)
	story := ""
	for _, s := range Story(tr) {
		story += s.Text + "\n"
	}
	for _, part := range []string{"the watch of w at n3 was up to 11.9 s late (1 write)",
		"the server ended the watch of w (etcdserver: watch canceled)",
		"the watch of w at n3 went on from revision 9, 8.91 s later"} {
		if !strings.Contains(story, part) {
			t.Errorf("the story lacks %q:\n%s", part, story)
		}
	}

	p = watchedTape()
	p.at(20_000).on(sim.KindStarted, 1)
	story = ""
	for _, s := range Story(p.trace()) {
		story += s.Text
	}
	if !strings.Contains(story, "the watch of w at n3 was 19.0 s late") {
		t.Errorf("the story is silent about a silent watch:\n%s", story)
	}
}
