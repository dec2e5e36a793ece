package plots

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"gonum.org/v1/plot/vg"
	"pgregory.net/rapid"

	"quorumlab/sim"
	"quorumlab/sim/check"
)

// TestLeaderlessIsTheMeasure holds the figure to the number in the summary.
func TestLeaderlessIsTheMeasure(t *testing.T) {
	for _, tr := range []*sim.Trace{small(), play(20*time.Second, 50)} {
		p, err := leaderless(Read(tr))
		if err != nil {
			t.Fatal(err)
		}
		want, _ := check.MeasureNamed("leaderless.total").Compute(tr, sim.Window{})
		if got := sim.MillisOf(p.(LeaderlessPoints).total()); got != want || got == 0 {
			t.Errorf("the figure adds up to %v ms, the measure to %v ms", got, want)
		}
	}
}

// TestPercentilesAreTheMeasures does so for the latency of a whole run.
func TestPercentilesAreTheMeasures(t *testing.T) {
	tr := play(20*time.Second, 50)
	var took []time.Duration
	for _, o := range Read(tr).Ops {
		if o.answer() == answered {
			took = append(took, o.Took())
		}
	}
	slices.Sort(took)
	for _, p := range []int{50, 90, 99} {
		want, _ := check.MeasureNamed(fmt.Sprintf("latency.put.p%d", p)).Compute(tr, sim.Window{})
		if got := sim.MillisOf(percentile(took, p)); got != want {
			t.Errorf("p%d is %v ms, the measure %v ms", p, got, want)
		}
	}
}

func TestThroughputCountsEveryOperation(t *testing.T) {
	r := Read(play(20*time.Second, 50))
	p, err := throughput(r)
	if err != nil {
		t.Fatal(err)
	}
	asked, done := 0, 0
	for _, w := range p.(ThroughputPoints).Windows {
		asked, done = asked+w.Asked, done+sum(w.By, answers)
	}
	if asked != len(r.Ops) || done != len(r.Ops) {
		t.Errorf("%d asked, %d answered of %d", asked, done, len(r.Ops))
	}
}

func TestThinKeepsTheCloudsShape(t *testing.T) {
	var ps []LatencyPoint
	rng := sim.Stream(1, "thin")
	for i := range 50_000 {
		ps = append(ps, LatencyPoint{time.Duration(i) * time.Millisecond, time.Duration(sim.Below(rng, int64(time.Second)))})
	}
	kept := thin(ps, 50*time.Second)
	if len(kept) > mostDots || len(kept) < mostDots/4 {
		t.Errorf("%d of %d points are kept", len(kept), len(ps))
	}
	if kept[0] != ps[0] || kept[len(kept)-1].Call < 49*time.Second {
		t.Errorf("the cloud runs from %v to %v", kept[0].Call, kept[len(kept)-1].Call)
	}
	few := ps[:10]
	if got := thin(few, time.Second); !slices.Equal(got, few) {
		t.Errorf("10 points became %d", len(got))
	}
}

func TestMessagesKeepsElections(t *testing.T) {
	var as []Arrow
	for i := range 1000 {
		a := Arrow{Sent: time.Duration(i), Msg: sim.MsgApp}
		if i%50 == 0 {
			a.Msg = sim.MsgVote
		}
		as = append(as, a)
	}
	kept := fewer(as)
	votes := 0
	for _, a := range kept {
		if a.Msg == sim.MsgVote {
			votes++
		}
	}
	if len(kept) != mostArrows || votes != 20 {
		t.Errorf("%d arrows with %d of 20 votes", len(kept), votes)
	}
	if !slices.IsSortedFunc(kept, func(a, b Arrow) int { return int(a.Sent - b.Sent) }) {
		t.Error("the arrows are out of order")
	}
}

func TestMessagesWindow(t *testing.T) {
	first := small()
	first.Events = slices.DeleteFunc(first.Events, func(e sim.Event) bool { return e.Kind == sim.KindFaultBegun || e.Kind == sim.KindFaultEnded })
	for _, tt := range []struct {
		name string
		run  *Run
		want string
	}{
		{"the default", Read(small()), "[437.5ms..537.5ms] the first election after the first fault"},
		{"no fault", Read(first), "[95ms..135ms] the first election"},
		{"no election", Read(&sim.Trace{Header: sim.Header{Scenario: sim.Scenario{Run: time.Minute}}}), "[0s..1s] the beginning"},
		{"as asked", &Run{Messages: sim.Window{From: time.Second, To: 2 * time.Second}}, "[1s..2s] "},
		{"to the end", &Run{Messages: sim.Window{From: time.Second}, Span: 3 * time.Second}, "[1s..3s] "},
	} {
		w, why := tt.run.messagesWindow()
		if got := w.String() + " " + why; got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestLanesDoNotOverlap packs any faults.
func TestLanesDoNotOverlap(t *testing.T) {
	p := &timePlot{to: time.Minute, unit: unitFor(0, time.Minute)}
	rapid.Check(t, func(t *rapid.T) {
		var fs []Fault
		at := time.Duration(0)
		for range rapid.IntRange(0, 30).Draw(t, "faults") {
			at += time.Duration(rapid.Int64Range(0, int64(5*time.Second)).Draw(t, "after"))
			lasts := time.Duration(rapid.Int64Range(0, int64(20*time.Second)).Draw(t, "lasts")) * time.Duration(rapid.IntRange(0, 1).Draw(t, "band"))
			fs = append(fs, Fault{From: at, To: at + lasts, Text: strings.Repeat("n1 ", rapid.IntRange(1, 20).Draw(t, "words"))})
		}
		l := stack(fs, p)
		placed := l.more
		for _, row := range l.rows {
			placed += len(row)
			for i, s := range row {
				if i > 0 && row[i-1].end > s.begin {
					t.Fatalf("%v and %v are on top of each other", row[i-1], s)
				}
			}
		}
		in := 0
		for _, f := range fs {
			if f.From <= p.to {
				in++
			}
		}
		if placed != in || len(l.rows) > mostLanes {
			t.Fatalf("%d of %d faults in %d rows", placed, in, len(l.rows))
		}
	})
}

func TestHatchStaysInItsArea(t *testing.T) {
	r := vg.Rectangle{Min: vg.Point{X: 13, Y: 17}, Max: vg.Point{X: 113, Y: 57}}
	for h := rising; h <= level; h++ {
		path := h.lines(r)
		if len(path) < 8 {
			t.Errorf("hatch %d has %d points", h, len(path))
		}
		for _, c := range path {
			const slack = 1e-6
			if c.Pos.X < r.Min.X-slack || c.Pos.X > r.Max.X+slack || c.Pos.Y < r.Min.Y-slack || c.Pos.Y > r.Max.Y+slack {
				t.Errorf("hatch %d leaves its area at %v", h, c.Pos)
			}
		}
	}
}

func TestFit(t *testing.T) {
	style := letters(textSize, ink)
	const text = "partition n1 n2 | n3 n4 n5"
	if got := fit(text, style, style.Width(text)); got != text {
		t.Errorf("a text that has room became %q", got)
	}
	short := fit(text, style, style.Width(text)/2)
	if !strings.HasSuffix(short, "…") || !strings.HasPrefix(text, strings.TrimSuffix(short, "…")) || style.Width(short) > style.Width(text)/2 {
		t.Errorf("cut to %q", short)
	}
	if got := fit(text, style, 5*px); got != "" {
		t.Errorf("no room at all: %q", got)
	}
}

func TestTicks(t *testing.T) {
	for _, tt := range []struct {
		steps
		lo, hi float64
		want   string
	}{
		{steps{most: 12}, 0, 45, "0 5 10 15 20 25 30 35 40 45"},
		{steps{most: 7, whole: true}, 0, 2, "0 1 2"},
		{steps{most: 7}, 0, 1, "0.0 0.2 0.4 0.6 0.8 1.0"},
		{steps{most: 5}, 7.875, 7.995, "7.90 7.95"},
		{steps{most: 4}, 0, 12500, "0 5\u202f000 10\u202f000"},
	} {
		var got []string
		for _, tick := range tt.Ticks(tt.lo, tt.hi) {
			got = append(got, tick.Label)
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%v to %v: %s, want %s", tt.lo, tt.hi, s, tt.want)
		}
	}
}

func TestWindowWidth(t *testing.T) {
	for _, tt := range []struct {
		span time.Duration
		most int
		want time.Duration
	}{
		{45 * time.Second, 100, 500 * time.Millisecond},
		{time.Minute, 60, time.Second},
		{time.Hour, 100, 50 * time.Second},
		{time.Nanosecond, 10, time.Microsecond},
	} {
		if got := windowWidth(tt.span, tt.most); got != tt.want {
			t.Errorf("%v in %d: %v, want %v", tt.span, tt.most, got, tt.want)
		}
	}
}

// TestLettersCanBeRead holds every label on a coloured area to the contrast that
// WCAG 2.1 asks of text, 4.5 to 1.
func TestLettersCanBeRead(t *testing.T) {
	var looks []look
	for state := Running; state <= Down; state++ {
		for role := sim.Follower; role <= sim.Learner; role++ {
			looks = append(looks, lookOf(Stay{State: state, Role: role}))
		}
	}
	for a := range answers {
		looks = append(looks, a.look())
	}
	looks = append(looks, bandLook(), reignLook, gapLook, earlyLook)
	for _, l := range looks {
		if c := contrast(l.text, over(l.fill, paper)); c < 4.5 {
			t.Errorf("%v on %v has a contrast of %.1f", l.text, l.fill, c)
		}
	}
}

// over is what an eye sees of a colour with opacity on a ground.
func over(c, ground color.Color) color.Color {
	r, g, b, a := c.RGBA()
	gr, gg, gb, _ := ground.RGBA()
	mix := func(c, g uint32) uint16 { return uint16(c + g*(0xffff-a)/0xffff) }
	return color.RGBA64{mix(r, gr), mix(g, gg), mix(b, gb), 0xffff}
}

// contrast is WCAG's contrast ratio of two opaque colours.
func contrast(a, b color.Color) float64 {
	light := func(c color.Color) float64 {
		linear := func(v uint32) float64 {
			s := float64(v) / 0xffff
			if s <= 0.04045 {
				return s / 12.92
			}
			return math.Pow((s+0.055)/1.055, 2.4)
		}
		r, g, b, _ := c.RGBA()
		return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
	}
	la, lb := light(a), light(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func TestDescribe(t *testing.T) {
	tr := &sim.Trace{Header: sim.Header{Members: []string{"n1", "n2"}}}
	for _, tt := range []struct {
		e    sim.Event
		want string
	}{
		{sim.Event{Kind: sim.KindSent, Member: 1, Peer: 2, Msg: sim.MsgApp, Term: 3, Index: 7, Count: 2}, "n1 sends n2: MsgApp in term 3, index 7, 2 entries"},
		{sim.Event{Kind: sim.KindDelivered, Member: 2, Peer: 1, Msg: sim.MsgVoteResp, Term: 3, Reject: true}, "n2 gets from n1: MsgVoteResp in term 3, a refusal"},
		{sim.Event{Kind: sim.KindDropped, Member: 1, Peer: 2, Msg: sim.MsgVote, Term: 3, Note: "cut"}, "lost on the way from n1 to n2 (cut): MsgVote in term 3"},
		{sim.Event{Kind: sim.KindState, Member: 1, Role: sim.Leader, Term: 3, Peer: 1}, "n1 is leader in term 3"},
		{sim.Event{Kind: sim.KindState, Member: 1, Role: sim.Candidate, Term: 3}, "n1 is candidate in term 3 and knows no leader"},
		{sim.Event{Kind: sim.KindState, Member: 1, Role: sim.Follower, Term: 3, Peer: 2}, "n1 is follower in term 3 and follows n2"},
		{sim.Event{Kind: sim.KindCommitted, Member: 1, Index: 9}, "n1 knows that entries up to 9 are committed"},
		{sim.Event{Kind: sim.KindSnapshotInstalled, Member: 1, Peer: 2, Index: 9}, "n1 installs a snapshot at index 9 from n2"},
		{sim.Event{Kind: sim.KindCall, Client: 3, ID: 8, Op: sim.OpCAS, Key: "k", Old: 4, Value: 5}, "client 3, operation 8: cas k from 4 to 5, asked"},
		{sim.Event{Kind: sim.KindReturn, Client: 3, ID: 8, Op: sim.OpGet, Key: "k", Result: sim.OutcomeOK, Value: 5, Revision: 6, Member: 2}, "client 3, operation 8: get k, ok, found 5, revision 6, answered by n2"},
		{sim.Event{Kind: sim.KindReturn, Client: 3, ID: 8, Op: sim.OpPut, Key: "k", Result: sim.OutcomeUnknown, Note: "time-out"}, "client 3, operation 8: put k, unknown (time-out)"},
		{sim.Event{Kind: sim.KindFaultEnded, Note: "crash n1"}, "over: crash n1"},
		{sim.Event{Kind: sim.KindLinkCut, Member: 1, Peer: 2}, "n1 no longer reaches n2"},
		{sim.Event{Kind: sim.KindMembership, Member: 1, Peer: 2, Role: sim.Learner}, "for n1, n2 is now a learner"},
		{sim.Event{Kind: sim.KindMembership, Member: 1, Peer: 2}, "for n1, n2 is no longer a member"},
		{sim.Event{Kind: sim.KindSnapshotSaved, Member: 1, Revision: 9, Value: 4096}, "a snapshot of n1 at revision 9 is saved, 4096 bytes"},
		{sim.Event{Kind: sim.KindNewCluster, Old: 9, Revision: 9}, "a new cluster begins at revision 9, that of the snapshot"},
		{sim.Event{Kind: sim.KindNewCluster, Old: 9, Revision: 109, Count: 1}, "a new cluster begins at revision 109, from a snapshot of revision 9; all before is compacted"},
		{sim.Event{Kind: sim.KindNewCluster, Member: 2}, "n2 is a new cluster by itself, with the data that it has"},
		{sim.Event{Kind: sim.KindDamaged, Member: 2, Key: "WAL", Note: "byte 7"}, "the WAL of n2 is damaged (byte 7)"},
		{sim.Event{Kind: sim.KindWatchBegun, Client: 9, ID: 1, Key: "k", Revision: 5}, "client 9, watch 1 of k: begins at revision 5"},
		{sim.Event{Kind: sim.KindWatchEvent, Client: 9, ID: 1, Key: "k", Value: 3, Revision: 6}, "client 9, watch 1 of k: value 3, written in revision 6"},
		{sim.Event{Kind: sim.KindWatchEvent, Client: 9, ID: 1, Key: "k", Revision: 6}, "client 9, watch 1 of k: the key was deleted in revision 6"},
		{sim.Event{Kind: sim.KindWatchEnded, Client: 9, ID: 1, Key: "k", Revision: 109, Result: sim.OutcomeFailed}, "client 9, watch 1 of k: ended by the server: compacted up to revision 109"},
		{sim.Event{Kind: sim.KindWatchEnded, Client: 9, ID: 1, Key: "k", Result: sim.OutcomeOK}, "client 9, watch 1 of k: ended"},
		{sim.Event{Kind: sim.KindPanicked, Member: 2, Note: "disk full"}, "n2 panicked (disk full)"},
		{sim.Event{Kind: sim.KindSyncDone, Member: 2, Index: 4}, "n2 sync done, index 4"},
		{sim.Event{Kind: sim.KindStoreSize, Member: 2, Value: 3 << 20, Old: 1 << 20}, "n2's database file has 3.00MiB, 1.00MiB of it in use"},
		{sim.Event{Kind: sim.KindDefragEnded, Member: 2, Value: 1 << 20, Old: 1 << 10}, "n2 goes on with a database file of 1.00MiB, 1.00KiB of it in use"},
		{sim.Event{Kind: sim.KindStoreCompacted, Member: 2, Revision: 77}, "n2 has dropped the revisions up to 77"},
		{sim.Event{Kind: sim.KindAlarm, Member: 1, Count: sim.AlarmNoSpace, Value: 1}, "n1 raises the alarm NOSPACE: writes are refused"},
		{sim.Event{Kind: sim.KindAlarm, Member: 1, Count: sim.AlarmNoSpace}, "n1's alarm is off (NOSPACE: writes are refused)"},
		{sim.Event{Kind: sim.KindNote, Note: "a\x00b"}, "a\ufffdb"},
	} {
		if got := Describe(tr, &tt.e); got != tt.want {
			t.Errorf("%v: %q\nwant %q", tt.e.Kind, got, tt.want)
		}
	}
}
