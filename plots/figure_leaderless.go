package plots

import (
	"fmt"
	"time"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"quorumlab/sim"
	"quorumlab/sim/check"
)

func init() {
	register(Figure{
		Name:  "leaderless",
		Title: "When the cluster had a leader, and when not",
		About: "Above: the member that could lead. It must run, take itself for the leader and be connected both ways to " +
			"a majority that knows no higher term. Below: the time without one, added up since the first leader.",
		Order:  50,
		Points: leaderless,
	})
}

// LeaderlessPoints are the reigns of a run, without gaps.
type LeaderlessPoints struct {
	Members []string
	Reigns  []Reign
}

// Reign is a stretch in which one member could lead, or none.
type Reign struct {
	From, To time.Duration
	Leader   sim.MemberID // 0: none
	Term     uint64
	Counts   bool // without a leader: it counts as time without one, not as the start
	// Before is the time without a leader up to the beginning of the reign.
	Before time.Duration
}

// Gap is the part of the reign that was without a leader.
func (r Reign) Gap() time.Duration {
	if r.Counts {
		return r.To - r.From
	}
	return 0
}

func leaderless(r *Run) (Points, error) {
	if len(r.Members) == 0 || len(r.Events) == 0 {
		return nil, nothing("no member ever started")
	}
	l := LeaderlessPoints{Members: r.Members}
	c := check.NewCluster(r.Trace)
	now := Reign{}
	for i := range r.Events {
		e := &r.Events[i]
		if !c.Apply(e) {
			continue
		}
		if m, term := c.Leader(); m != now.Leader || term != now.Term {
			l.close(now, e.At)
			now = Reign{From: e.At, Leader: m, Term: term}
		}
	}
	l.close(now, r.Span)
	l.addUp()
	return l, nil
}

// close ends a reign; one that took no time never was.
func (l *LeaderlessPoints) close(r Reign, at time.Duration) {
	if r.To = at; r.To > r.From {
		l.Reigns = append(l.Reigns, r)
	}
}

// addUp sums up the time without a leader. As in the measure of the same name it
// begins with the first leader, unless there never was one.
func (l *LeaderlessPoints) addUp() {
	never := len(l.Reigns) == 1 && l.Reigns[0].Leader == 0
	var without time.Duration
	for i := range l.Reigns {
		r := &l.Reigns[i]
		r.Before = without
		r.Counts = r.Leader == 0 && (i > 0 || never)
		without += r.Gap()
	}
}

// total is the time without a leader.
func (l LeaderlessPoints) total() (without time.Duration) {
	for _, r := range l.Reigns {
		without += r.Gap()
	}
	return without
}

// The looks of a reign and of its absence.
var (
	reignLook = look{fill: blue, text: onDark}
	gapLook   = look{fill: vermillion, hatch: rising, over: onLight, text: onLight}
	earlyLook = look{fill: paper, hatch: crossed, over: muted, text: ink}
)

func (r Reign) look() look {
	switch {
	case r.Leader != 0:
		return reignLook
	case r.Counts:
		return gapLook
	}
	return earlyLook
}

// stripHeight is the height of the reigns above the curve.
const stripHeight = 56 * px

func (l LeaderlessPoints) ink(s *sheet) {
	p := s.newTimePlot(0, s.span)
	total := l.total()
	unit := unitFor(0, total)
	up := func(d time.Duration) float64 { return float64(d) / float64(unit.size) }
	p.Y.Min, p.Y.Max = 0, up(max(total, time.Millisecond))*1.1
	p.yLabel = "time without a leader (" + unit.name + ")"
	p.Y.Tick.Marker = steps{most: 7}
	p.Add(horizontals(p.Plot))
	curve := line(4*px, vermillion)
	p.Add(inkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
		var path vg.Path
		path.Move(at(p.x(0), 0))
		for _, r := range l.Reigns {
			path.Line(at(p.x(r.To), up(r.Before+r.Gap())))
		}
		stroke(c, curve, path)
		end := letters(textSize, ink)
		end.XAlign = draw.XRight
		end.YAlign = draw.YBottom
		c.FillText(bold(end), at(p.x(p.to), up(total)).Add(vg.Point{X: -6 * px, Y: 6 * px}), "total "+sim.Millis.FormatValue(sim.MillisOf(total)))
	}))
	p.strip, p.inkStrip = stripHeight, l.inkStrip
	s.drawTimePlot(p, l.keys(curve)...)
}

func (l LeaderlessPoints) inkStrip(s *sheet, p *timePlot, data draw.Canvas) {
	style := bold(letters(smallSize, ink))
	style.XAlign = draw.XRight
	s.text(style, data.Min.X-8*px, data.Center().Y, "leader")
	for _, r := range l.Reigns {
		box := vg.Rectangle{
			Min: vg.Point{X: p.place(r.From), Y: data.Min.Y + 8*px},
			Max: vg.Point{X: max(p.place(r.To), p.place(r.From)+2*px), Y: data.Max.Y - 8*px},
		}
		r.look().draw(s, box)
		if r.Leader != 0 {
			stroke(s, line(2*px, paper), segment(nil, box.Min, vg.Point{X: box.Min.X, Y: box.Max.Y}))
		}
		r.look().write(s, box, r.labels(l.Members)...)
	}
}

// labels are what may stand on a reign, longest first.
func (r Reign) labels(members []string) []string {
	if r.Leader == 0 {
		return []string{"none", ""}
	}
	name := printable(members[r.Leader-1])
	return []string{fmt.Sprintf("%s, term %d", name, r.Term), name, ""}
}

func (l LeaderlessPoints) keys(curve draw.LineStyle) []key {
	keys := []key{areaKey("a member can lead", reignLook)}
	early := false
	for _, r := range l.Reigns {
		early = early || r.Leader == 0 && !r.Counts
	}
	if early {
		keys = append(keys, areaKey("no leader yet", earlyLook))
	}
	if l.total() > 0 {
		keys = append(keys, areaKey("no member can lead", gapLook))
	}
	return append(keys, lineKey("time without, added up", curve))
}
