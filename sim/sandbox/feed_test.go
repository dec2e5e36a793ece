package sandbox

import (
	"fmt"
	"slices"
	"testing"

	"quorumlab/sim"
)

// fed is a feed that has seen n events without meaning, and some with one at the start.
func fed(n int) *feed {
	f := &feed{}
	seq := uint64(0)
	add := func(e sim.Event) {
		seq++
		e.Seq = seq
		f.Observe(&e)
	}
	add(sim.Event{Kind: sim.KindStarted, Member: 1})
	add(sim.Event{Kind: sim.KindStarted, Member: 2})
	add(sim.Event{Kind: sim.KindState, Member: 1, Role: sim.Follower, Term: 1})
	add(sim.Event{Kind: sim.KindState, Member: 1, Role: sim.Leader, Term: 2})
	add(sim.Event{Kind: sim.KindLinkCut, Member: 1, Peer: 2})
	add(sim.Event{Kind: sim.KindLinkCut, Member: 2, Peer: 1})
	add(sim.Event{Kind: sim.KindLinkMended, Member: 2, Peer: 1})
	add(sim.Event{Kind: sim.KindFaultBegun, ID: 1, Note: "crash n2"})
	add(sim.Event{Kind: sim.KindFaultBegun, ID: 2, Note: "put a 1"})
	add(sim.Event{Kind: sim.KindFaultBegun, ID: 3, Note: "pause n1"})
	add(sim.Event{Kind: sim.KindFaultEnded, ID: 3, Note: "pause n1"})
	add(sim.Event{Kind: sim.KindCrashed, Member: 2})
	for i := range n {
		add(sim.Event{Kind: sim.KindSent, ID: uint64(i)})
	}
	return f
}

// meant is how many events fed begins with.
const meant = 12

// What is no longer kept stands for itself only as far as it says how things are, and its size does not depend on how
// long the cluster has run.
func TestFeedForgetsAllButTheState(t *testing.T) {
	f := fed(mostFed + 50_000)
	if len(f.ring) != mostFed {
		t.Errorf("%d events are kept", len(f.ring))
	}
	events, anew := f.after(0, mostNews)
	if !anew {
		t.Error("it does not say that events are missing")
	}
	events = slices.DeleteFunc(events, func(e sim.Event) bool { return e.Kind == sim.KindSent })
	var got []string
	for _, e := range events {
		got = append(got, fmt.Sprintf("%d %s", e.Seq, e.Kind))
	}
	want := []string{"1 started", "4 state", "5 link-cut", "8 fault-begun", "12 crashed"}
	if !slices.Equal(got, want) {
		t.Errorf("of the old events there are %v, want %v", got, want)
	}
}

// Whoever asks again and again gets each event once, in order, whatever is kept.
func TestFeedGivesEachEventOnce(t *testing.T) {
	f := fed(45_000)
	for _, most := range []int{1000, mostNews} {
		next := uint64(1)
		for {
			events, anew := f.after(next-1, most)
			if anew || len(events) > most {
				t.Fatalf("anew: %v, %d events", anew, len(events))
			}
			if len(events) == 0 {
				break
			}
			for _, e := range events {
				if e.Seq != next {
					t.Fatalf("event %d comes after %d", e.Seq, next-1)
				}
				next++
			}
		}
		if next != 45_000+meant+1 {
			t.Errorf("%d events came", next-1)
		}
	}
}

func BenchmarkFeed(b *testing.B) {
	f := &feed{}
	e := sim.Event{Kind: sim.KindAppended, Member: 1}
	for b.Loop() {
		e.Seq++
		f.Observe(&e)
	}
}
