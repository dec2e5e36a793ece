package plots

import (
	"fmt"
	"math"
	"strings"
	"time"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"quorumlab/plots/chart"
	"quorumlab/sim"
)

// The lines between members and around them.
var (
	quorumLine  = chart.Pen(4*chart.Px, chart.Green)
	splitLine   = chart.Pen(2*chart.Px, chart.Muted, 3*chart.Px, 4*chart.Px)
	oneWayLine  = chart.Pen(2.5*chart.Px, chart.Orange)
	quorumFrame = chart.Pen(4*chart.Px, chart.Green)
	otherFrame  = chart.Pen(2*chart.Px, chart.Muted, 4*chart.Px, 4*chart.Px)
)

func (q quorumPoints) ink(s *chart.Sheet) {
	s.Legend(q.keys()...)
	if q.LeftOut > 0 {
		style := chart.Letters(chart.SmallSize, chart.Muted)
		style.XAlign = draw.XRight
		s.Text(style, s.Space.Max.X, s.Space.Max.Y+chart.SmallSize,
			fmt.Sprintf("%d of %d moments shown", len(q.Panels), len(q.Panels)+q.LeftOut))
	}
	columns := q.columns()
	rows := (len(q.Panels) + columns - 1) / columns
	size := s.Space.Size()
	w, h := size.X/vg.Length(columns), size.Y/vg.Length(rows)
	for i, p := range q.Panels {
		corner := vg.Point{X: s.Space.Min.X + w*vg.Length(i%columns), Y: s.Space.Max.Y - h*vg.Length(i/columns+1)}
		p.ink(s, vg.Rectangle{Min: corner, Max: corner.Add(vg.Point{X: w - 12*chart.Px, Y: h - 8*chart.Px})})
	}
}

func (q quorumPoints) columns() int {
	switch n := len(q.Panels); {
	case n <= 3:
		return n
	case n == 4:
		return 2
	}
	return (len(q.Panels) + 1) / 2
}

func (p quorumPanel) ink(s *chart.Sheet, area vg.Rectangle) {
	chart.Stroke(s, chart.Pen(chart.Hairline, chart.Grid), chart.Box(nil, area))
	small := chart.Letters(chart.SmallSize, chart.Muted)
	heading := chart.Bold(chart.Letters(chart.SmallSize, chart.Ink))
	left, room := area.Min.X+8*chart.Px, area.Size().X-16*chart.Px
	s.Text(heading, left, area.Max.Y-chart.SmallSize*0.9, chart.Fit(p.title(), heading, room))
	s.Text(small, left, area.Max.Y-chart.SmallSize*2.1, chart.Fit(brief(p.From)+" to "+brief(p.To), small, room))
	foot := chart.Letters(chart.SmallSize, chart.Ink)
	s.Text(foot, left, area.Min.Y+chart.SmallSize*0.9, chart.Fit(p.verdict(), foot, room))
	area.Max.Y -= chart.SmallSize * 2.9
	area.Min.Y += chart.SmallSize * 1.8
	p.inkGraph(s, area)
}

// brief is a moment without digits that nobody reads.
func brief(at time.Duration) string { return sim.FormatDuration(at.Round(time.Millisecond)) }

// verdict says in words which members have a quorum.
func (p quorumPanel) verdict() string {
	var with []string
	for _, n := range p.Nodes {
		if n.Quorum {
			with = append(with, n.Name)
		}
	}
	if len(with) == 0 {
		return fmt.Sprintf("no majority (%d needed)", p.Quorum)
	}
	if len(with) == len(p.Nodes) {
		return fmt.Sprintf("majority (%d): everyone", p.Quorum)
	}
	return fmt.Sprintf("majority (%d): %s", p.Quorum, strings.Join(with, " "))
}

// inkGraph draws the members on a circle and what joins them.
func (p quorumPanel) inkGraph(s *chart.Sheet, area vg.Rectangle) {
	area.Min.Y += remarkHeight
	area.Max.Y -= remarkHeight
	size := area.Size()
	n := vg.Length(max(len(p.Nodes), 1))
	radius := min(26*chart.Px, min(size.X, size.Y)*min(0.12, 1.1/n))
	middle := vg.Point{X: (area.Min.X + area.Max.X) / 2, Y: (area.Min.Y + area.Max.Y) / 2}
	ry := size.Y/2 - radius - 4*chart.Px
	rx := min(size.X/2-radius-8*chart.Px, ry*1.5)
	at := map[sim.MemberID]vg.Point{}
	for i, node := range p.Nodes {
		a := math.Pi/2 - 2*math.Pi*float64(i)/float64(len(p.Nodes))
		at[node.ID] = middle.Add(vg.Point{X: rx * vg.Length(math.Cos(a)), Y: ry * vg.Length(math.Sin(a))})
	}
	p.inkLinks(s, at, radius)
	for _, node := range p.Nodes {
		node.ink(s, at[node.ID], radius)
	}
	for _, node := range p.Nodes {
		away := vg.Length(1) // above the members of the upper half, below the others
		if at[node.ID].Y < middle.Y {
			away = -1
		}
		node.remark(s, at[node.ID].Add(vg.Point{Y: away * (radius + remarkHeight/2 + 2*chart.Px)}), radius)
	}
}

func (p quorumPanel) inkLinks(s *chart.Sheet, at map[sim.MemberID]vg.Point, radius vg.Length) {
	has := map[sim.MemberID]bool{}
	for _, n := range p.Nodes {
		has[n.ID] = n.Quorum
	}
	var strong, weak, oneWay, heads vg.Path
	for _, l := range p.Links {
		a, b := at[l.From], at[l.To]
		switch {
		case !l.Both:
			b = between(b, a, float64(radius)/max(hypot(b.Sub(a)), 1e-9))
			oneWay, heads = chart.Segment(oneWay, a, b), head(heads, a, b)
		case has[l.From] && has[l.To]:
			strong = chart.Segment(strong, a, b)
		default:
			weak = chart.Segment(weak, a, b)
		}
	}
	chart.Stroke(s, splitLine, weak)
	chart.Stroke(s, quorumLine, strong)
	chart.Stroke(s, oneWayLine, oneWay)
	if len(heads) > 0 {
		s.SetColor(oneWayLine.Color)
		s.Fill(heads)
	}
}

// look is the role's, but candidates look like followers: what counts here is who
// leads, and hatches don't fit a circle.
func (n node) look() chart.Look {
	switch {
	case n.State == down:
		return chart.Look{Fill: chart.Paper, Text: chart.Muted}
	case n.State == paused:
		return chart.Look{Fill: lookOf(stay{State: paused}).Fill, Text: chart.Ink}
	case n.Role == sim.Leader:
		return lookOf(stay{State: running, Role: sim.Leader})
	}
	return lookOf(stay{State: running, Role: sim.Follower})
}

// ink draws a member: filled as in its role, framed by whether it has a quorum.
func (n node) ink(s *chart.Sheet, at vg.Point, radius vg.Length) {
	l := n.look()
	var disc vg.Path
	disc.Move(at.Add(vg.Point{X: radius}))
	disc.Arc(at, radius, 0, 2*math.Pi)
	disc.Close()
	s.SetColor(chart.Paper)
	s.Fill(disc)
	s.SetColor(l.Fill)
	s.Fill(disc)
	frame := otherFrame
	if n.Quorum {
		frame = quorumFrame
	}
	chart.Stroke(s, frame, disc)
	style := chart.Centred(chart.Bold(chart.Letters(min(chart.SmallSize, radius*0.9), l.Text)))
	s.Text(style, at.X, at.Y, chart.Fit(n.Name, style, radius*1.8))
}

// remark writes beside a member what its circle does not tell.
func (n node) remark(s *chart.Sheet, mid vg.Point, radius vg.Length) {
	text := ""
	switch {
	case n.State == down || n.State == paused:
		text = n.State.String()
	case n.Role == sim.Leader:
		text = "leader"
	case !n.Voter:
		text = "learner"
	}
	if text == "" || radius < 14*chart.Px {
		return
	}
	style := chart.Centred(chart.Letters(chart.SmallSize, chart.Ink))
	half := vg.Point{X: style.Width(text)/2 + 3*chart.Px, Y: remarkHeight / 2}
	s.Paint(chart.Paper, vg.Rectangle{Min: mid.Sub(half), Max: mid.Add(half)}) // lines end at the letters
	s.Text(style, mid.X, mid.Y, text)
}

// remarkHeight is the room for a remark beside a member.
const remarkHeight = chart.SmallSize * 1.1

func (q quorumPoints) keys() []chart.Key {
	keys := []chart.Key{chart.LineKey("reach each other and a majority", quorumLine)}
	var weak, oneWay bool
	for _, p := range q.Panels {
		has := map[sim.MemberID]bool{}
		for _, n := range p.Nodes {
			has[n.ID] = n.Quorum
		}
		for _, l := range p.Links {
			oneWay = oneWay || !l.Both
			weak = weak || l.Both && !(has[l.From] && has[l.To])
		}
	}
	if weak {
		keys = append(keys, chart.LineKey("reach each other, but no majority", splitLine))
	}
	if oneWay {
		keys = append(keys, chart.Key{Label: "one way only", Swatch: func(c vg.Canvas, r vg.Rectangle) {
			y := (r.Min.Y + r.Max.Y) / 2
			a, b := vg.Point{X: r.Min.X, Y: y}, vg.Point{X: r.Max.X, Y: y}
			chart.Stroke(c, oneWayLine, chart.Segment(nil, a, b))
			c.SetColor(oneWayLine.Color)
			c.Fill(head(nil, a, b))
		}})
	}
	return append(keys, chart.AreaKey("leader", lookOf(stay{State: running, Role: sim.Leader})))
}
