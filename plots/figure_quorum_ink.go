package plots

import (
	"fmt"
	"math"
	"strings"
	"time"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"quorumlab/sim"
)

// The lines between members and around them.
var (
	quorumLine  = line(4*px, green)
	splitLine   = line(2*px, muted, 3*px, 4*px)
	oneWayLine  = line(2.5*px, orange)
	quorumFrame = line(4*px, green)
	otherFrame  = line(2*px, muted, 4*px, 4*px)
)

func (q QuorumPoints) ink(s *sheet) {
	s.legend(q.keys()...)
	if q.LeftOut > 0 {
		style := letters(smallSize, muted)
		style.XAlign = draw.XRight
		s.text(style, s.space.Max.X, s.space.Max.Y+smallSize,
			fmt.Sprintf("%d of %d moments are shown", len(q.Panels), len(q.Panels)+q.LeftOut))
	}
	columns := q.columns()
	rows := (len(q.Panels) + columns - 1) / columns
	size := s.space.Size()
	w, h := size.X/vg.Length(columns), size.Y/vg.Length(rows)
	for i, p := range q.Panels {
		min := vg.Point{X: s.space.Min.X + w*vg.Length(i%columns), Y: s.space.Max.Y - h*vg.Length(i/columns+1)}
		p.ink(s, vg.Rectangle{Min: min, Max: min.Add(vg.Point{X: w - 12*px, Y: h - 8*px})})
	}
}

func (q QuorumPoints) columns() int {
	switch n := len(q.Panels); {
	case n <= 3:
		return n
	case n == 4:
		return 2
	}
	return (len(q.Panels) + 1) / 2
}

func (p Panel) ink(s *sheet, area vg.Rectangle) {
	stroke(s, line(hairline, grid), box(nil, area))
	small := letters(smallSize, muted)
	heading := bold(letters(smallSize, ink))
	left, room := area.Min.X+8*px, area.Size().X-16*px
	s.text(heading, left, area.Max.Y-smallSize*0.9, fit(p.title(), heading, room))
	s.text(small, left, area.Max.Y-smallSize*2.1, fit(brief(p.From)+" to "+brief(p.To), small, room))
	foot := letters(smallSize, ink)
	s.text(foot, left, area.Min.Y+smallSize*0.9, fit(p.verdict(), foot, room))
	area.Max.Y -= smallSize * 2.9
	area.Min.Y += smallSize * 1.8
	p.inkGraph(s, area)
}

// brief is a moment without digits that nobody reads.
func brief(at time.Duration) string { return sim.FormatDuration(at.Round(time.Millisecond)) }

// verdict says in words which members have a quorum.
func (p Panel) verdict() string {
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
func (p Panel) inkGraph(s *sheet, area vg.Rectangle) {
	area.Min.Y += remarkHeight
	area.Max.Y -= remarkHeight
	size := area.Size()
	n := vg.Length(max(len(p.Nodes), 1))
	radius := min(26*px, min(size.X, size.Y)*min(0.12, 1.1/n))
	middle := vg.Point{X: (area.Min.X + area.Max.X) / 2, Y: (area.Min.Y + area.Max.Y) / 2}
	ry := size.Y/2 - radius - 4*px
	rx := min(size.X/2-radius-8*px, ry*1.5)
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
		node.remark(s, at[node.ID].Add(vg.Point{Y: away * (radius + remarkHeight/2 + 2*px)}), radius)
	}
}

func (p Panel) inkLinks(s *sheet, at map[sim.MemberID]vg.Point, radius vg.Length) {
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
			oneWay, heads = segment(oneWay, a, b), head(heads, a, b)
		case has[l.From] && has[l.To]:
			strong = segment(strong, a, b)
		default:
			weak = segment(weak, a, b)
		}
	}
	stroke(s, splitLine, weak)
	stroke(s, quorumLine, strong)
	stroke(s, oneWayLine, oneWay)
	if len(heads) > 0 {
		s.SetColor(oneWayLine.Color)
		s.Fill(heads)
	}
}

// look is the role's, but candidates look like followers: what counts here is who
// leads, and hatches don't fit a circle.
func (n Node) look() look {
	switch {
	case n.State == Down:
		return look{fill: paper, text: muted}
	case n.State == Paused:
		return look{fill: lookOf(Stay{State: Paused}).fill, text: ink}
	case n.Role == sim.Leader:
		return lookOf(Stay{State: Running, Role: sim.Leader})
	}
	return lookOf(Stay{State: Running, Role: sim.Follower})
}

// ink draws a member: filled as in its role, framed by whether it has a quorum.
func (n Node) ink(s *sheet, at vg.Point, radius vg.Length) {
	l := n.look()
	var disc vg.Path
	disc.Move(at.Add(vg.Point{X: radius}))
	disc.Arc(at, radius, 0, 2*math.Pi)
	disc.Close()
	s.SetColor(paper)
	s.Fill(disc)
	s.SetColor(l.fill)
	s.Fill(disc)
	frame := otherFrame
	if n.Quorum {
		frame = quorumFrame
	}
	stroke(s, frame, disc)
	style := centred(bold(letters(min(smallSize, radius*0.9), l.text)))
	s.text(style, at.X, at.Y, fit(n.Name, style, radius*1.8))
}

// remark writes beside a member what its circle does not tell.
func (n Node) remark(s *sheet, mid vg.Point, radius vg.Length) {
	text := ""
	switch {
	case n.State == Down || n.State == Paused:
		text = n.State.String()
	case n.Role == sim.Leader:
		text = "leader"
	case !n.Voter:
		text = "learner"
	}
	if text == "" || radius < 14*px {
		return
	}
	style := centred(letters(smallSize, ink))
	half := vg.Point{X: style.Width(text)/2 + 3*px, Y: remarkHeight / 2}
	s.fill(paper, vg.Rectangle{Min: mid.Sub(half), Max: mid.Add(half)}) // lines end at the letters
	s.text(style, mid.X, mid.Y, text)
}

// remarkHeight is the room for a remark beside a member.
const remarkHeight = smallSize * 1.1

func (q QuorumPoints) keys() []key {
	keys := []key{lineKey("reach each other and a majority", quorumLine)}
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
		keys = append(keys, lineKey("reach each other, but no majority", splitLine))
	}
	if oneWay {
		keys = append(keys, key{"one way only", func(c vg.Canvas, r vg.Rectangle) {
			y := (r.Min.Y + r.Max.Y) / 2
			a, b := vg.Point{X: r.Min.X, Y: y}, vg.Point{X: r.Max.X, Y: y}
			stroke(c, oneWayLine, segment(nil, a, b))
			c.SetColor(oneWayLine.Color)
			c.Fill(head(nil, a, b))
		}})
	}
	return append(keys, areaKey("leader", lookOf(Stay{State: Running, Role: sim.Leader})))
}
