package plots

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"quorumlab/sim"
	"quorumlab/sim/check"
)

func init() {
	register(Figure{
		Name:  "quorum",
		Title: "Who could reach whom, and which side had a majority",
		About: "One picture for the start and for each fault that changed who runs or who reaches whom. " +
			"A thick line joins members that reach each other and, with others, a majority of the voters: one of them can lead. " +
			"An arrow alone: messages pass in this direction only. The leader is the one at the end of the stretch.",
		Order:  70,
		Points: quorums,
	})
}

// mostPanels bounds the pictures in the picture.
const mostPanels = 12

// oneChange is how near in time two changes are one: a partition cuts its links
// one after the other, and on real members this takes a moment.
const oneChange = 100 * time.Millisecond

// QuorumPoints are the states of the cluster between changes.
type QuorumPoints struct {
	Panels  []Panel
	LeftOut int
}

// Panel is who reached whom over a stretch of the run.
type Panel struct {
	From, To time.Duration
	Causes   []string // statements that began ("crash n1") or ended ("over: crash n1") then
	Nodes    []Node
	Links    []Link
	Quorum   int // how many voters decide
}

// Node is a member in a panel.
type Node struct {
	ID     sim.MemberID
	Name   string
	State  State
	Voter  bool
	Quorum bool // it is connected both ways to a quorum of voters
	Role   sim.Role
}

// Link joins two members; both ways, or only from the first to the second.
type Link struct {
	From, To sim.MemberID
	Both     bool
}

func quorums(r *Run) (Points, error) {
	f := quorumFold{run: r, cluster: check.NewCluster(r.Trace)}
	for i := range r.Events {
		f.next(&r.Events[i])
	}
	f.close(r.Span)
	all := f.panels
	if len(all) == 0 {
		return nil, nothing("no member ever started")
	}
	return QuorumPoints{Panels: spread(all, mostPanels), LeftOut: max(0, len(all)-mostPanels)}, nil
}

// quorumFold cuts a run into stretches at the changes of who reaches whom.
type quorumFold struct {
	run     *Run
	cluster *check.Cluster
	panels  []Panel
	from    time.Duration // where the stretch began
	faults  bool          // the first fault has begun; what was before it belongs to the start

	causes  []string // statements since the stretch began
	before  []string // those of a stretch in which nothing had changed yet
	changes []string // what happened to processes since the stretch began
}

func (f *quorumFold) next(e *sim.Event) {
	switch e.Kind {
	case sim.KindFaultBegun, sim.KindFaultEnded:
		f.cut(e.At)
		f.faults = true
		cause := shown(e.Note, f.run.Members)
		if e.Kind == sim.KindFaultEnded {
			cause = "over: " + cause
		}
		f.causes = append(f.causes, cause)
	case sim.KindStarted, sim.KindCrashed, sim.KindPanicked, sim.KindPaused, sim.KindResumed:
		if f.faults {
			f.cut(e.At)
			f.changes = append(f.changes, Describe(f.run.Trace, e))
		}
	case sim.KindLinkCut, sim.KindLinkMended, sim.KindMembership:
		if f.faults {
			f.cut(e.At)
		}
	}
	f.cluster.Apply(e)
}

// cut ends the stretch, unless it has only just begun.
func (f *quorumFold) cut(at time.Duration) {
	if at-f.from >= oneChange {
		f.close(at)
	}
}

// close adds the stretch that ends now, or adds it to the one before if nothing
// had changed: a member that is told to start takes a moment.
func (f *quorumFold) close(at time.Duration) {
	p := Panel{From: f.from, To: at, Causes: f.causes, Quorum: f.cluster.Quorum()}
	for _, instead := range [][]string{f.before, f.changes} {
		if len(p.Causes) == 0 {
			p.Causes = instead
		}
	}
	f.nodes(&p)
	if n := len(f.panels) - 1; n >= 0 && f.panels[n].same(p) {
		f.panels[n].To, f.panels[n].Nodes = at, p.Nodes
		f.before = f.causes
	} else if len(p.Nodes) > 0 {
		f.panels = append(f.panels, p)
		f.before = nil
	}
	f.from, f.causes, f.changes = at, nil, nil
}

// nodes fills in the members and links of this moment.
func (f *quorumFold) nodes(p *Panel) {
	c := f.cluster
	leader, _ := c.Leader()
	for i := range f.run.Members {
		id := sim.MemberID(i + 1)
		stay := f.run.stayBefore(i, p.To)
		if stay.State == Absent {
			continue
		}
		n := Node{ID: id, Name: printable(f.run.Members[i]), State: stay.State, Voter: c.Voter(id), Role: stay.Role}
		n.Quorum = f.hasQuorum(id)
		if n.Role == sim.Leader && id != leader {
			n.Role = sim.Follower // it only takes itself for the leader
		}
		p.Nodes = append(p.Nodes, n)
		for j := range i {
			p.link(c, sim.MemberID(j+1), id)
		}
	}
}

// stayBefore is what member i was just before a moment.
func (r *Run) stayBefore(i int, at time.Duration) Stay {
	stays := r.Lives[i]
	for n := len(stays) - 1; n >= 0; n-- {
		if stays[n].From < at {
			return stays[n]
		}
	}
	return Stay{}
}

func (f *quorumFold) hasQuorum(id sim.MemberID) bool {
	with := 0
	for i := range f.run.Members {
		if o := sim.MemberID(i + 1); f.cluster.Voter(o) && f.cluster.Reaches(id, o) && f.cluster.Reaches(o, id) {
			with++
		}
	}
	return with >= f.cluster.Quorum()
}

func (p *Panel) link(c *check.Cluster, a, b sim.MemberID) {
	switch ab, ba := c.Reaches(a, b), c.Reaches(b, a); {
	case ab && ba:
		p.Links = append(p.Links, Link{a, b, true})
	case ab:
		p.Links = append(p.Links, Link{From: a, To: b})
	case ba:
		p.Links = append(p.Links, Link{From: b, To: a})
	}
}

// same tells whether two panels show the same connections among the same members.
func (p Panel) same(q Panel) bool {
	return p.Quorum == q.Quorum && slices.Equal(p.Links, q.Links) &&
		slices.EqualFunc(p.Nodes, q.Nodes, func(a, b Node) bool {
			return a.ID == b.ID && a.State == b.State && a.Voter == b.Voter
		})
}

// title is why the stretch began.
func (p Panel) title() string {
	if p.From == 0 {
		return "start"
	}
	return strings.Join(p.Causes, "; ")
}

// quorumLooks of the lines between members.
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
