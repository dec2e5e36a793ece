package plots

import (
	"cmp"
	"slices"
	"time"

	"quorumlab/plots/chart"
	"quorumlab/sim"
)

func init() {
	register(Figure{
		Name:  "messages",
		Title: "Who sent what to whom, and when it arrived",
		About: "A space-time diagram: a line per member, time to the right, an arrow per message from its sending to its " +
			"arrival. Arrows that end in a cross are lost messages. By default it shows the first election after the first " +
			"fault.",
		Order:  60,
		Points: messages,
	})
}

// mostArrows bounds what a reader can follow.
const mostArrows = 200

// messagesPoints are the messages sent in a window of the run.
type messagesPoints struct {
	Members []string
	Window  sim.Window // To is not 0
	Why     string     // why this window
	Rows    [][]stay   // what each member was meanwhile
	Arrows  []arrow    // in order of their sending
	LeftOut int        // messages sent in the window beyond those shown
}

// arrow is a message on its way.
type arrow struct {
	From, To   sim.MemberID
	Sent, Till time.Duration // Till: its arrival, or its loss
	Msg        sim.MsgType
	Term       uint64
	End        arrowEnd
}

// arrowEnd is what became of a message.
type arrowEnd uint8

// The ends. UnderWay: the trace does not say, because it ends before.
const (
	underWay arrowEnd = iota
	arrived
	lost
)

func (e arrowEnd) String() string { return [...]string{"in transit", "arrived", "lost"}[e] }

func messages(r *Run) (Points, error) {
	if r.Lacks(sim.Kinds(sim.KindSent)) {
		return nil, chart.Nothing("the trace was kept without its messages")
	}
	m := messagesPoints{Members: r.Members}
	m.Window, m.Why = r.messagesWindow()
	arrows := r.arrows(m.Window)
	if len(arrows) == 0 {
		return nil, chart.Nothing("no message was sent between " + sim.FormatDuration(m.Window.From) + " and " +
			sim.FormatDuration(m.Window.To))
	}
	m.Arrows = fewer(arrows)
	m.LeftOut = len(arrows) - len(m.Arrows)
	for _, stays := range r.Lives {
		m.Rows = append(m.Rows, clip(sameLook(stays), m.Window))
	}
	return m, nil
}

// messagesWindow is the window that was asked for, or else the first election
// after the first fault, or else the first election, or else the beginning.
func (r *Run) messagesWindow() (sim.Window, string) {
	if w := r.Messages; w != (sim.Window{}) {
		if w.To == 0 {
			w.To = r.Span
		}
		return w, ""
	}
	if len(r.Faults) > 0 {
		if w, ok := r.electionAfter(r.Faults[0].From); ok {
			return w, "the first election after the first fault"
		}
	}
	if w, ok := r.electionAfter(0); ok {
		return w, "the first election"
	}
	return sim.Window{To: min(r.Span, time.Second)}, "the beginning"
}

// longestElection bounds the window: of a longer struggle only the winner's last
// candidacy is shown.
const longestElection = 2 * time.Second

// electionAfter is the window around the first election that is won after a moment.
func (r *Run) electionAfter(at time.Duration) (sim.Window, bool) {
	won, winner := r.Span, -1
	for m, stays := range r.Lives {
		for _, s := range stays {
			if s.leads() && s.From > at && s.From < won {
				won, winner = s.From, m
			}
		}
	}
	if winner < 0 {
		return sim.Window{}, false
	}
	began := r.campaignBefore(won, at, r.Lives...)
	if won-began > longestElection {
		began = r.campaignBefore(won, won-longestElection, r.Lives[winner])
	}
	took := max(won-began, 10*time.Millisecond)
	return sim.Window{From: max(0, began-took/4), To: min(r.Span, won+took*3/4)}, true
}

// campaignBefore is the first time between since and won at which one of the
// members campaigned, or won itself.
func (r *Run) campaignBefore(won, since time.Duration, lives ...[]stay) time.Duration {
	first := won
	for _, stays := range lives {
		for _, s := range stays {
			if campaigns(s) && s.From > since {
				first = min(first, s.From)
			}
		}
	}
	return first
}

// arrows reads the messages sent in the window.
func (r *Run) arrows(w sim.Window) []arrow {
	var as []arrow
	open := map[uint64]int{} // by the message's number
	for e := range r.All(sim.Kinds(sim.KindSent, sim.KindDelivered, sim.KindDropped)) {
		if e.At < w.From || !r.member(e.Member) || !r.member(e.Peer) {
			continue
		}
		switch e.Kind {
		case sim.KindSent:
			if w.Has(e.At) {
				open[e.ID] = len(as)
				as = append(as, arrow{From: e.Member, To: e.Peer, Sent: e.At, Msg: e.Msg, Term: e.Term})
			}
		case sim.KindDelivered, sim.KindDropped:
			if i, ok := open[e.ID]; ok {
				as[i].Till, as[i].End = e.At, arrived
				if e.Kind == sim.KindDropped {
					as[i].End = lost
				}
				delete(open, e.ID) // a copy of a doubled message stays out
			}
		}
		if e.At >= w.To && len(open) == 0 {
			break
		}
	}
	return as
}

// fewer keeps what the reader came for: all messages of elections and snapshots
// first, then heartbeats, then the others, evenly spread over time.
func fewer(as []arrow) []arrow {
	var byRank [3][]arrow
	for _, a := range as {
		rank := familyOf(a.Msg).rank
		byRank[rank] = append(byRank[rank], a)
	}
	var kept []arrow
	for _, group := range byRank {
		kept = append(kept, spread(group, mostArrows-len(kept))...)
	}
	slices.SortStableFunc(kept, func(a, b arrow) int { return cmp.Compare(a.Sent, b.Sent) })
	return kept
}

// spread keeps n of the values, evenly chosen.
func spread[T any](vs []T, n int) []T {
	if len(vs) <= n {
		return vs
	}
	out := make([]T, n)
	for i := range out {
		out[i] = vs[i*len(vs)/n]
	}
	return out
}

// clip keeps the parts of the stays that lie in the window.
func clip(stays []stay, w sim.Window) []stay {
	var out []stay
	for _, s := range stays {
		s.From, s.To = max(s.From, w.From), min(s.To, w.To)
		if s.From < s.To {
			out = append(out, s)
		}
	}
	return out
}
