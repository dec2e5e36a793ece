package plots

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"quorumlab/internal/stats"
	"quorumlab/plots/chart"
	"quorumlab/plots/plottest"
	"quorumlab/sim"
	"quorumlab/sim/check"
)

// TestLeaderlessIsTheMeasure holds the figure to the number in the summary.
func TestLeaderlessIsTheMeasure(t *testing.T) {
	for _, tr := range []*sim.Trace{plottest.Small(), plottest.Play(20*time.Second, 50)} {
		p, err := leaderless(Read(tr))
		if err != nil {
			t.Fatal(err)
		}
		want, _ := check.MeasureNamed("leaderless.total").Compute(tr, sim.Window{})
		if got := sim.MillisOf(p.(leaderlessPoints).total()); got != want || got == 0 {
			t.Errorf("the figure adds up to %v ms, the measure to %v ms", got, want)
		}
	}
}

// TestPercentilesAreTheMeasures does so for the latency of a whole run.
func TestPercentilesAreTheMeasures(t *testing.T) {
	tr := plottest.Play(20*time.Second, 50)
	var took []time.Duration
	for _, o := range Read(tr).Ops {
		if o.answer() == answered {
			took = append(took, o.took())
		}
	}
	slices.Sort(took)
	for _, p := range []int{50, 90, 99} {
		want, _ := check.MeasureNamed(fmt.Sprintf("latency.put.p%d", p)).Compute(tr, sim.Window{})
		if got := sim.MillisOf(stats.Quantile(took, float64(p)/100)); got != want {
			t.Errorf("p%d is %v ms, the measure %v ms", p, got, want)
		}
	}
}

func TestThroughputCountsEveryOperation(t *testing.T) {
	r := Read(plottest.Play(20*time.Second, 50))
	p, err := throughput(r)
	if err != nil {
		t.Fatal(err)
	}
	asked, done := 0, 0
	for _, w := range p.(throughputPoints).Windows {
		asked, done = asked+w.Asked, done+sum(w.By, answers)
	}
	if asked != len(r.Ops) || done != len(r.Ops) {
		t.Errorf("%d asked, %d answered of %d", asked, done, len(r.Ops))
	}
}

func TestThinKeepsTheCloudsShape(t *testing.T) {
	var ps []latencyPoint
	rng := sim.Stream(1, "thin")
	for i := range 50_000 {
		ps = append(ps, latencyPoint{time.Duration(i) * time.Millisecond, time.Duration(sim.Below(rng, int64(time.Second)))})
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
	var as []arrow
	for i := range 1000 {
		a := arrow{Sent: time.Duration(i), Msg: sim.MsgApp}
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
	if !slices.IsSortedFunc(kept, func(a, b arrow) int { return int(a.Sent - b.Sent) }) {
		t.Error("the arrows are out of order")
	}
}

func TestMessagesWindow(t *testing.T) {
	first := plottest.Small()
	first.Events = slices.DeleteFunc(first.Events, func(e sim.Event) bool {
		return e.Kind == sim.KindFaultBegun ||
			e.Kind == sim.KindFaultEnded
	})
	for _, tt := range []struct {
		name string
		run  *Run
		want string
	}{
		{"the default", Read(plottest.Small()), "[437.5ms..537.5ms] the first election after the first fault"},
		{"no fault", Read(first), "[95ms..135ms] the first election"},
		{"no election", Read(&sim.Trace{Header: sim.Header{Scenario: sim.Scenario{Run: time.Minute}}}),
			"[0s..1s] the beginning"},
		{"as asked", &Run{Messages: sim.Window{From: time.Second, To: 2 * time.Second}}, "[1s..2s] "},
		{"to the end", &Run{Messages: sim.Window{From: time.Second}, Span: 3 * time.Second}, "[1s..3s] "},
	} {
		w, why := tt.run.messagesWindow()
		if got := w.String() + " " + why; got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
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
	var looks []chart.Look
	for state := running; state <= down; state++ {
		for role := sim.Follower; role <= sim.Learner; role++ {
			looks = append(looks, lookOf(stay{State: state, Role: role}))
		}
	}
	for a := range answers {
		looks = append(looks, a.look())
	}
	looks = append(looks, leadershipLook, gapLook, earlyLook)
	for _, l := range looks {
		if c := plottest.Contrast(l.Text, l.Fill, chart.Paper); c < 4.5 {
			t.Errorf("%v on %v has a contrast of %.1f", l.Text, l.Fill, c)
		}
	}
}

// TestWhatWasNotAnsweredStandsWhereItWasAsked: clients give up seconds after the fault.
func TestWhatWasNotAnsweredStandsWhereItWasAsked(t *testing.T) {
	r := Read(plottest.Play(20*time.Second, 50))
	r.Ops = []op{
		{Call: 5 * time.Second, Return: 12 * time.Second, Outcome: sim.OutcomeUnknown, Member: 1},
		{Call: 5 * time.Second, Return: 12 * time.Second, Outcome: sim.OutcomeFailed, Member: 1}, // a get
		{Call: 6 * time.Second, Return: 6 * time.Second, Outcome: sim.OutcomeNone},
		{Call: 7 * time.Second, Return: 14 * time.Second, Outcome: sim.OutcomeOK, Member: 1},
	}
	p, err := throughput(r)
	if err != nil {
		t.Fatal(err)
	}
	at := func(a answer) (froms []time.Duration) {
		for _, w := range p.(throughputPoints).Windows {
			for range w.By[a] {
				froms = append(froms, w.From)
			}
		}
		return froms
	}
	width := p.(throughputPoints).Width
	window := func(at time.Duration) time.Duration { return at / width * width }
	for a, want := range map[answer][]time.Duration{
		unknown:  {window(5 * time.Second), window(6 * time.Second)},
		failed:   {window(5 * time.Second)},
		answered: {window(14 * time.Second)},
	} {
		if got := at(a); !slices.Equal(got, want) {
			t.Errorf("%v stand at %v, want %v", a, got, want)
		}
	}
	p, err = memberAnswers(r)
	if err != nil {
		t.Fatal(err)
	}
	if b := p.(answersPoints).Bars[0][0]; b.From > 5*time.Second || b.By[unknown] != 1 || b.By[failed] != 1 {
		t.Errorf("the first bar is %+v", b)
	}
}

// TestLeaderlessEndsWithTheRun: the wait for final reads is no part of it.
func TestLeaderlessEndsWithTheRun(t *testing.T) {
	tr := plottest.Small()
	tr.Scenario.Run = 400 * time.Millisecond // n1 is cut off at 300 ms
	p, err := leaderless(Read(tr))
	if err != nil {
		t.Fatal(err)
	}
	if got := p.(leaderlessPoints).total(); got != 100*time.Millisecond {
		t.Errorf("the figure adds up to %v", got)
	}
}

// A last window of a few milliseconds would show a rate that jumps, and a percentile of one operation.
func TestTheLastWindowIsNoSliver(t *testing.T) {
	const span = 20*time.Second + 3*time.Millisecond
	r := Read(plottest.Play(20*time.Second, 50))
	r.Span = span
	r.Ops = append(r.Ops, op{Call: span - time.Millisecond, Return: span, Outcome: sim.OutcomeOK, Member: 1})
	p, err := throughput(r)
	if err != nil {
		t.Fatal(err)
	}
	points := p.(throughputPoints)
	last := points.Windows[len(points.Windows)-1]
	if width := fullWindowEnd(last.From, span, points.Width) - last.From; width < points.Width/2 {
		t.Errorf("the last window is %v of %v wide", width, points.Width)
	}
	for _, w := range points.Windows {
		if rate := points.rate(w.Asked, w, span); rate > 150 {
			t.Errorf("at %v 50 operations per second are %.0f", w.From, rate)
		}
	}
	if p, err = latencies(r); err != nil {
		t.Fatal(err)
	}
	l := p.(latencyPoints)
	if from := l.Windows[len(l.Windows)-1].From; span-from < l.Width/2 {
		t.Errorf("the last window of %v begins %v before the end", l.Width, span-from)
	}
}

// What became of a statement stands before it, and a refusal is no failure.
func TestFiguresSayWhatBecameOfAStatement(t *testing.T) {
	r := newFaultReader(nil, time.Second)
	for _, err := range []error{nil, errors.New("broken"), sim.RefusedBy(0, errors.New("no")),
		sim.Unfinished(errors.New("late")), sim.Undone(errors.New("crashed"))} {
		e := sim.Event{Kind: sim.KindFaultBegun, Note: "compact 5"}
		if err != nil {
			e = sim.NotDoneEvent("compact 5", err)
		}
		r.take(&e)
	}
	var got []string
	for _, f := range r.faults {
		got = append(got, f.NotDone)
	}
	if want := []string{"", "failed", "refused", "unfinished", "undone"}; !slices.Equal(got, want) {
		t.Errorf("they are %q, want %q", got, want)
	}
}

// The line of a member's file ends where the member was removed.
func TestAFileEndsWithItsMember(t *testing.T) {
	tr := &sim.Trace{Header: sim.Header{Members: []string{"n1", "n2"}}}
	tr.Scenario.Run = 10 * time.Second
	at := func(d time.Duration, e sim.Event) { e.At = d; tr.Events = append(tr.Events, e) }
	for m := sim.MemberID(1); m <= 2; m++ {
		at(0, sim.Event{Kind: sim.KindStarted, Member: m})
		at(time.Second, sim.Event{Kind: sim.KindStoreSize, Member: m, Value: 1 << 20, Old: 1 << 19})
	}
	at(2*time.Second, sim.Event{Kind: sim.KindCrashed, Member: 1})
	at(4*time.Second, sim.Event{Kind: sim.KindMembership, Member: 2, Peer: 2, Role: sim.RoleNone})
	at(5*time.Second, sim.Event{Kind: sim.KindCrashed, Member: 2})
	p, err := storeSizes(Read(tr))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []time.Duration{10 * time.Second, 5 * time.Second} {
		line := p.(storePoints).Files[i]
		if end := line[len(line)-1].At; end != want {
			t.Errorf("the line of n%d ends at %v, want %v", i+1, end, want)
		}
	}
}
