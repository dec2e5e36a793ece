package plots

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"quorumlab/sim"
)

func init() {
	register(Figure{
		Name:  "messages",
		Title: "Who sent what to whom, and when it arrived",
		About: "A space-time diagram: a line a member, time to the right, an arrow a message from its sending to its arrival. " +
			"Arrows that end in a cross were lost on the way. Without another wish it shows the first election after the first fault.",
		Order:  60,
		Points: messages,
	})
}

// mostArrows bounds what a reader can follow.
const mostArrows = 200

// MessagesPoints are the messages sent in a window of the run.
type MessagesPoints struct {
	Members []string
	Window  sim.Window // To is not 0
	Why     string     // why this window
	Rows    [][]Stay   // what each member was meanwhile
	Arrows  []Arrow    // in order of their sending
	LeftOut int        // messages sent in the window beyond those shown
}

// Arrow is a message on its way.
type Arrow struct {
	From, To   sim.MemberID
	Sent, Till time.Duration // Till: its arrival, or its loss
	Msg        sim.MsgType
	Term       uint64
	End        ArrowEnd
}

// ArrowEnd is what became of a message.
type ArrowEnd uint8

// The ends. UnderWay: the trace does not say, because it ends before.
const (
	UnderWay ArrowEnd = iota
	Arrived
	Lost
)

func (e ArrowEnd) String() string { return [...]string{"under way", "arrived", "lost"}[e] }

func messages(r *Run) (Points, error) {
	if r.Lacks(sim.Kinds(sim.KindSent)) {
		return nil, nothing("the trace was kept without its messages")
	}
	m := MessagesPoints{Members: r.Members}
	m.Window, m.Why = r.messagesWindow()
	arrows := r.arrows(m.Window)
	if len(arrows) == 0 {
		return nil, nothing("no message was sent between " + sim.FormatDuration(m.Window.From) + " and " + sim.FormatDuration(m.Window.To))
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
			if s.Leads() && s.From > at && s.From < won {
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
func (r *Run) campaignBefore(won, since time.Duration, lives ...[]Stay) time.Duration {
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
func (r *Run) arrows(w sim.Window) []Arrow {
	var as []Arrow
	open := map[uint64]int{} // by the message's number
	for i := range r.Events {
		e := &r.Events[i]
		if e.Kind > sim.KindDropped || e.At < w.From || !r.member(e.Member) || !r.member(e.Peer) {
			continue
		}
		switch e.Kind {
		case sim.KindSent:
			if w.Has(e.At) {
				open[e.ID] = len(as)
				as = append(as, Arrow{From: e.Member, To: e.Peer, Sent: e.At, Msg: e.Msg, Term: e.Term})
			}
		case sim.KindDelivered, sim.KindDropped:
			if i, ok := open[e.ID]; ok {
				as[i].Till, as[i].End = e.At, Arrived
				if e.Kind == sim.KindDropped {
					as[i].End = Lost
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
func fewer(as []Arrow) []Arrow {
	var byRank [3][]Arrow
	for _, a := range as {
		rank := familyOf(a.Msg).rank
		byRank[rank] = append(byRank[rank], a)
	}
	var kept []Arrow
	for _, group := range byRank {
		kept = append(kept, spread(group, mostArrows-len(kept))...)
	}
	slices.SortStableFunc(kept, func(a, b Arrow) int { return cmp.Compare(a.Sent, b.Sent) })
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
func clip(stays []Stay, w sim.Window) []Stay {
	var out []Stay
	for _, s := range stays {
		s.From, s.To = max(s.From, w.From), min(s.To, w.To)
		if s.From < s.To {
			out = append(out, s)
		}
	}
	return out
}

// family is how messages of one purpose are drawn.
type family struct {
	name   string
	colour hex
	rank   int // 0 is shown first
}

var (
	preVotes   = family{"pre-vote", purple, 0}
	votes      = family{"vote", vermillion, 0}
	heartbeats = family{"heartbeat", muted, 1}
	appends    = family{"append", blue, 2}
	snapshots  = family{"snapshot", green, 0}
	transfers  = family{"transfer", orange, 0}
	reads      = family{"read index", skyBlue, 2}
	others     = family{"proposal or other", ink, 2}
	families   = []family{preVotes, votes, transfers, snapshots, heartbeats, appends, reads, others}
)

func familyOf(m sim.MsgType) family {
	switch m {
	case sim.MsgPreVote, sim.MsgPreVoteResp:
		return preVotes
	case sim.MsgVote, sim.MsgVoteResp:
		return votes
	case sim.MsgHeartbeat, sim.MsgHeartbeatResp:
		return heartbeats
	case sim.MsgApp, sim.MsgAppResp:
		return appends
	case sim.MsgSnap:
		return snapshots
	case sim.MsgReadIndex, sim.MsgReadIndexResp:
		return reads
	case sim.MsgTransferLeader, sim.MsgTimeoutNow:
		return transfers
	}
	return others
}

// isAnswer tells whether a message answers another one. Answers are dashed.
func isAnswer(m sim.MsgType) bool {
	switch m {
	case sim.MsgPreVoteResp, sim.MsgVoteResp, sim.MsgHeartbeatResp, sim.MsgAppResp, sim.MsgReadIndexResp:
		return true
	}
	return false
}

// stroke is how a family's arrows are drawn.
func (f family) stroke(answer bool) draw.LineStyle {
	if answer {
		return line(2*px, f.colour, 7*px, 4*px)
	}
	return line(2*px, f.colour)
}

var lostMark = mark{cross, 5 * px, ink}

func (m MessagesPoints) ink(s *sheet) {
	p := s.newTimePlot(m.Window.From, m.Window.To)
	p.members(m.Members)
	p.X.Label.Text += m.caption()
	keys := roleKeys(m.Rows)
	for _, f := range families {
		asked, answered := m.of(f, false), m.of(f, true)
		if len(asked)+len(answered) == 0 {
			continue
		}
		keys = append(keys, lineKey(f.name, f.stroke(false)))
		p.Add(inkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
			m.inkArrows(c, p, at, f.stroke(false), asked)
			m.inkArrows(c, p, at, f.stroke(true), answered)
		}))
	}
	if slices.ContainsFunc(m.Arrows, func(a Arrow) bool { return isAnswer(a.Msg) }) {
		keys = append(keys, lineKey("dashed: its answer", family{colour: ink}.stroke(true)))
	}
	if slices.ContainsFunc(m.Arrows, func(a Arrow) bool { return a.End == Lost }) {
		keys = append(keys, markKey("lost", lostMark))
	}
	p.Add(inkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
		for i, stays := range m.Rows {
			m.inkRow(c, p, stays, at, row(i, len(m.Rows)))
		}
	}))
	p.Add(inkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) { m.inkLosses(c, p, at) }))
	s.drawTimePlot(p, keys...)
}

func (m MessagesPoints) caption() (s string) {
	if m.Why != "" {
		s += ": " + m.Why
	}
	if m.LeftOut > 0 {
		s += fmt.Sprintf("; %s of %s messages are shown", grouped(float64(len(m.Arrows)), 0), grouped(float64(len(m.Arrows)+m.LeftOut), 0))
	}
	return s
}

func (m MessagesPoints) of(f family, answer bool) (as []Arrow) {
	for _, a := range m.Arrows {
		if familyOf(a.Msg) == f && isAnswer(a.Msg) == answer {
			as = append(as, a)
		}
	}
	return as
}

// rail is the height of a member's line.
const rail = 24 * px

// inkRow draws a member's line in the look of its roles.
func (m MessagesPoints) inkRow(c draw.Canvas, p *timePlot, stays []Stay, at func(x, y float64) vg.Point, y float64) {
	for i, s := range stays {
		l := lookOf(s)
		if l.fill == nil {
			continue
		}
		r := bar(s, p, at, y, min(rail, rowHeight(c, len(m.Rows))/3))
		var a areas
		a.add(l, r)
		a.draw(c, l)
		if i > 0 {
			stroke(c, line(2*px, ink), segment(nil, vg.Point{X: r.Min.X, Y: r.Min.Y - 3*px}, vg.Point{X: r.Min.X, Y: r.Max.Y + 3*px}))
		}
		on(c, l, r, railLabels(s)...)
	}
}

// railLabels are what may stand on a stay's rail, longest first.
func railLabels(s Stay) []string {
	if s.State == Running && (s.Role != sim.Follower) {
		return append([]string{fmt.Sprintf("%v, term %d", s.Role, s.Term)}, stayLabels(s)...)
	}
	return stayLabels(s)
}

// inkArrows draws arrows of one kind, all lines and then all heads.
func (m MessagesPoints) inkArrows(c draw.Canvas, p *timePlot, at func(x, y float64) vg.Point, style draw.LineStyle, as []Arrow) {
	var lines, heads vg.Path
	for _, a := range as {
		from, to := m.ends(p, at, a)
		switch {
		case a.End == Lost:
		case to.X > c.Max.X: // it arrives behind the window
			to = between(from, to, float64((c.Max.X-from.X)/(to.X-from.X)))
		case a.End == Arrived:
			heads = head(heads, from, to)
		}
		lines = segment(lines, from, to)
	}
	stroke(c, style, lines)
	if len(heads) > 0 {
		c.SetColor(style.Color)
		c.Fill(heads)
	}
}

// inkLosses puts a cross at the end of each lost message.
func (m MessagesPoints) inkLosses(c draw.Canvas, p *timePlot, at func(x, y float64) vg.Point) {
	var crosses []vg.Point
	for _, a := range m.Arrows {
		if _, to := m.ends(p, at, a); a.End == Lost {
			crosses = append(crosses, to)
		}
	}
	lostMark.draw(c, crosses)
}

// ends are where an arrow begins and ends, at the edges of the members' rails. A
// lost message ends on its way, before it reaches another rail.
func (m MessagesPoints) ends(p *timePlot, at func(x, y float64) vg.Point, a Arrow) (from, to vg.Point) {
	n := len(m.Rows)
	from, to = at(p.x(a.Sent), row(int(a.From-1), n)), at(p.x(m.till(a)), row(int(a.To-1), n))
	from, to = pull(from, to, rail/2)
	if a.End == Lost {
		apart := max(int(a.From), int(a.To)) - min(int(a.From), int(a.To))
		to = between(from, to, 0.45/float64(max(apart, 1)))
	}
	return from, to
}

// till is the arrow's end: a lost message is drawn as if it were on its way for
// some time, or its arrow would not be seen.
func (m MessagesPoints) till(a Arrow) time.Duration {
	if a.End == Arrived {
		return a.Till
	}
	return max(a.Till, a.Sent+(m.Window.To-m.Window.From)/60)
}

// pull moves the ends of an arrow from the middle of the rails to their edges.
func pull(from, to vg.Point, by vg.Length) (vg.Point, vg.Point) {
	if from.Y < to.Y {
		by = -by
	}
	from.Y -= by
	to.Y += by
	return from, to
}

func between(a, b vg.Point, share float64) vg.Point {
	return a.Add(b.Sub(a).Scale(vg.Length(share)))
}

// head adds an arrow's head, a narrow triangle whose tip is at to.
func head(p vg.Path, from, to vg.Point) vg.Path {
	const length, half = 11 * px, 4 * px
	d := to.Sub(from)
	size := vg.Length(hypot(d))
	if size == 0 {
		return p
	}
	d = d.Scale(1 / size)
	base := to.Sub(d.Scale(length))
	side := vg.Point{X: -d.Y, Y: d.X}.Scale(half)
	p.Move(to)
	p.Line(base.Add(side))
	p.Line(base.Sub(side))
	p.Close()
	return p
}
