package plots

import (
	"slices"
	"strings"
	"time"

	"quorumlab/plots/chart"
	"quorumlab/sim"
	"quorumlab/sim/check"
)

func init() {
	register(Figure{
		Name:  "quorum",
		Title: "Who could reach whom, and which side had a majority",
		About: "One panel for the start and for each fault that changed who runs or who reaches whom. " +
			"A thick line joins members that reach each other and, with others, a majority of the voters: one of them can " +
			"lead. An arrow alone: messages pass in this direction only. The leader shown is the one at the end of the " +
			"panel's time.",
		Order:  70,
		Points: quorums,
	})
}

// mostPanels bounds the pictures in the picture.
const mostPanels = 12

// oneChange is how near in time two changes are one: a partition cuts its links
// one after the other, and on real members this takes a moment.
const oneChange = 100 * time.Millisecond

// quorumPoints are the states of the cluster between changes.
type quorumPoints struct {
	Panels  []quorumPanel
	LeftOut int
}

// quorumPanel is who reached whom over a stretch of the run.
type quorumPanel struct {
	From, To time.Duration
	Causes   []string // statements that began ("crash n1") or ended ("ended: crash n1") then
	Nodes    []node
	Links    []link
	Quorum   int // how many voters decide
}

// node is a member in a panel.
type node struct {
	ID     sim.MemberID
	Name   string
	State  state
	Voter  bool
	Quorum bool // it is connected both ways to a quorum of voters
	Role   sim.Role
}

// link joins two members; both ways, or only from the first to the second.
type link struct {
	From, To sim.MemberID
	Both     bool
}

func quorums(r *Run) (Points, error) {
	f := quorumFold{run: r, cluster: check.NewClusterView(r.Trace)}
	for i := range r.Events {
		f.next(&r.Events[i])
	}
	f.close(r.Span)
	all := f.panels
	if len(all) == 0 {
		return nil, chart.Nothing("no member ever started")
	}
	return quorumPoints{Panels: spread(all, mostPanels), LeftOut: max(0, len(all)-mostPanels)}, nil
}

// quorumFold cuts a run into stretches at the changes of who reaches whom.
type quorumFold struct {
	run     *Run
	cluster *check.ClusterView
	panels  []quorumPanel
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
			cause = "ended: " + cause
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
	p := quorumPanel{From: f.from, To: at, Causes: f.causes, Quorum: f.cluster.Quorum()}
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
func (f *quorumFold) nodes(p *quorumPanel) {
	c := f.cluster
	leader, _ := c.Leader()
	for i := range f.run.Members {
		id := sim.MemberID(i + 1)
		stay := f.run.stayBefore(i, p.To)
		if stay.State == absent {
			continue
		}
		n := node{ID: id, Name: chart.Printable(f.run.Members[i]), State: stay.State, Voter: c.Voter(id), Role: stay.Role}
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
func (r *Run) stayBefore(i int, at time.Duration) stay {
	stays := r.Lives[i]
	for n := len(stays) - 1; n >= 0; n-- {
		if stays[n].From < at {
			return stays[n]
		}
	}
	return stay{}
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

func (p *quorumPanel) link(c *check.ClusterView, a, b sim.MemberID) {
	switch ab, ba := c.Reaches(a, b), c.Reaches(b, a); {
	case ab && ba:
		p.Links = append(p.Links, link{a, b, true})
	case ab:
		p.Links = append(p.Links, link{From: a, To: b})
	case ba:
		p.Links = append(p.Links, link{From: b, To: a})
	}
}

// same reports whether two panels show the same connections among the same members.
func (p quorumPanel) same(q quorumPanel) bool {
	return p.Quorum == q.Quorum && slices.Equal(p.Links, q.Links) &&
		slices.EqualFunc(p.Nodes, q.Nodes, func(a, b node) bool {
			return a.ID == b.ID && a.State == b.State && a.Voter == b.Voter
		})
}

// title is why the stretch began.
func (p quorumPanel) title() string {
	if p.From == 0 {
		return "start"
	}
	return strings.Join(p.Causes, "; ")
}
