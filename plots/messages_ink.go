package plots

import (
	"fmt"
	"math"
	"slices"
	"time"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"quorumlab/plots/chart"
	"quorumlab/sim"
)

// family is how messages of one purpose are drawn.
type family struct {
	name   string
	colour chart.Colour
	rank   int // 0 is shown first
}

var (
	preVotes   = family{"pre-vote", chart.Purple, 0}
	votes      = family{"vote", chart.Vermillion, 0}
	heartbeats = family{"heartbeat", chart.Muted, 1}
	appends    = family{"append", chart.Blue, 2}
	snapshots  = family{"snapshot", chart.Green, 0}
	transfers  = family{"transfer", chart.Orange, 0}
	reads      = family{"read index", chart.SkyBlue, 2}
	others     = family{"proposal or other", chart.Ink, 2}
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

// isAnswer reports whether a message answers another one. Answers are dashed.
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
		return chart.Pen(2*chart.Px, f.colour, 7*chart.Px, 4*chart.Px)
	}
	return chart.Pen(2*chart.Px, f.colour)
}

var lostMark = chart.Marker{Shape: chart.Cross, Size: 5 * chart.Px, Color: chart.Ink}

func (m messagesPoints) ink(s *chart.Sheet) {
	p := s.NewTimePlot(m.Window.From, m.Window.To)
	p.Members(m.Members)
	p.X.Label.Text += m.caption()
	keys := roleKeys(m.Rows)
	for _, f := range families {
		asked, answered := m.of(f, false), m.of(f, true)
		if len(asked)+len(answered) == 0 {
			continue
		}
		keys = append(keys, chart.LineKey(f.name, f.stroke(false)))
		p.Add(chart.InkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
			m.inkArrows(c, p, at, f.stroke(false), asked)
			m.inkArrows(c, p, at, f.stroke(true), answered)
		}))
	}
	if slices.ContainsFunc(m.Arrows, func(a arrow) bool { return isAnswer(a.Msg) }) {
		keys = append(keys, chart.LineKey("dashed: the answer", family{colour: chart.Ink}.stroke(true)))
	}
	if slices.ContainsFunc(m.Arrows, func(a arrow) bool { return a.End == lost }) {
		keys = append(keys, chart.MarkKey("lost", lostMark))
	}
	p.Add(chart.InkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
		for i, stays := range m.Rows {
			m.inkRow(c, p, stays, at, chart.Row(i, len(m.Rows)))
		}
	}))
	p.Add(chart.InkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) { m.inkLosses(c, p, at) }))
	s.DrawTimePlot(p, keys...)
}

func (m messagesPoints) caption() (s string) {
	if m.Why != "" {
		s += ": " + m.Why
	}
	if m.LeftOut > 0 {
		s += fmt.Sprintf("; %s of %s messages shown", chart.Grouped(float64(len(m.Arrows)), 0),
			chart.Grouped(float64(len(m.Arrows)+m.LeftOut), 0))
	}
	return s
}

func (m messagesPoints) of(f family, answer bool) (as []arrow) {
	for _, a := range m.Arrows {
		if familyOf(a.Msg) == f && isAnswer(a.Msg) == answer {
			as = append(as, a)
		}
	}
	return as
}

// rail is the height of a member's line.
const rail = 24 * chart.Px

// inkRow draws a member's line in the look of its roles.
func (m messagesPoints) inkRow(c draw.Canvas, p *chart.TimePlot, stays []stay, at func(x, y float64) vg.Point,
	y float64) {
	for i, s := range stays {
		l := lookOf(s)
		if l.Fill == nil {
			continue
		}
		r := bar(s, p, at, y, min(rail, chart.RowHeight(c, len(m.Rows))/3))
		l.Draw(c, r)
		if i > 0 {
			chart.Stroke(c, chart.Pen(2*chart.Px, chart.Ink), chart.Segment(nil, vg.Point{X: r.Min.X, Y: r.Min.Y - 3*chart.Px},
				vg.Point{X: r.Min.X, Y: r.Max.Y + 3*chart.Px}))
		}
		l.Write(c, r, railLabels(s)...)
	}
}

// railLabels are what may stand on a stay's rail, longest first.
func railLabels(s stay) []string {
	if s.State == running && (s.Role != sim.Follower) {
		return append([]string{fmt.Sprintf("%v, term %d", s.Role, s.Term)}, stayLabels(s)...)
	}
	return stayLabels(s)
}

// inkArrows draws arrows of one kind, all lines and then all heads.
func (m messagesPoints) inkArrows(c draw.Canvas, p *chart.TimePlot, at func(x, y float64) vg.Point,
	style draw.LineStyle, as []arrow) {
	var lines, heads vg.Path
	for _, a := range as {
		from, to := m.ends(p, at, a)
		switch {
		case a.End == lost:
		case to.X > c.Max.X: // it arrives after the window
			to = between(from, to, float64((c.Max.X-from.X)/(to.X-from.X)))
		case a.End == arrived:
			heads = head(heads, from, to)
		}
		lines = chart.Segment(lines, from, to)
	}
	chart.Stroke(c, style, lines)
	if len(heads) > 0 {
		c.SetColor(style.Color)
		c.Fill(heads)
	}
}

// inkLosses puts a cross at the end of each lost message.
func (m messagesPoints) inkLosses(c draw.Canvas, p *chart.TimePlot, at func(x, y float64) vg.Point) {
	var crosses []vg.Point
	for _, a := range m.Arrows {
		if _, to := m.ends(p, at, a); a.End == lost {
			crosses = append(crosses, to)
		}
	}
	lostMark.Draw(c, crosses)
}

// ends are where an arrow begins and ends, at the edges of the members' rails. A
// lost message ends on its way, before it reaches another rail.
func (m messagesPoints) ends(p *chart.TimePlot, at func(x, y float64) vg.Point, a arrow) (from, to vg.Point) {
	n := len(m.Rows)
	from, to = at(p.At(a.Sent), chart.Row(int(a.From-1), n)), at(p.At(m.till(a)), chart.Row(int(a.To-1), n))
	from, to = pull(from, to, rail/2)
	if a.End == lost {
		apart := max(int(a.From), int(a.To)) - min(int(a.From), int(a.To))
		to = between(from, to, 0.45/float64(max(apart, 1)))
	}
	return from, to
}

// till is the arrow's end: a lost message is drawn as if it were on its way for
// some time, or its arrow would not be seen.
func (m messagesPoints) till(a arrow) time.Duration {
	if a.End == arrived {
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
	const length, half = 11 * chart.Px, 4 * chart.Px
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

func hypot(d vg.Point) float64 { return math.Hypot(float64(d.X), float64(d.Y)) }
