package plots

import (
	"fmt"
	"time"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"quorumlab/plots/chart"
	"quorumlab/sim"
	"quorumlab/sim/check"
)

func init() {
	register(Figure{
		Name:  "leaderless",
		Title: "When the cluster had a leader, and when it did not",
		About: "Above: the member that could lead. It must run, consider itself the leader and be connected both ways to " +
			"a majority that knows no higher term. Below: the cumulative time without one since the first leader.",
		Order:  50,
		Points: leaderless,
	})
}

// leaderlessPoints are the leaderships of a run, without gaps.
type leaderlessPoints struct {
	Members     []string
	Leaderships []leadership
}

// leadership is a stretch in which one member could lead, or none.
type leadership struct {
	From, To time.Duration
	Leader   sim.MemberID // 0: none
	Term     uint64
	Counts   bool // without a leader: it counts as time without one, not as the start
	// Before is the time without a leader up to the beginning of the leadership.
	Before time.Duration
}

// gap is the part of the leadership that was without a leader.
func (r leadership) gap() time.Duration {
	if r.Counts {
		return r.To - r.From
	}
	return 0
}

func leaderless(r *Run) (Points, error) {
	if len(r.Members) == 0 || len(r.Events) == 0 {
		return nil, chart.Nothing("no member ever started")
	}
	l := leaderlessPoints{Members: r.Members}
	c := check.NewClusterView(r.Trace)
	now, end := leadership{}, min(r.Span, r.Length())
	for i := range r.Events {
		e := &r.Events[i]
		if e.At > end {
			break // the answers and final reads after the run, which measures leave out too
		}
		if !c.Apply(e) {
			continue
		}
		if m, term := c.Leader(); m != now.Leader || term != now.Term {
			l.close(now, e.At)
			now = leadership{From: e.At, Leader: m, Term: term}
		}
	}
	l.close(now, end)
	l.addUp()
	return l, nil
}

// close ends a leadership; one that took no time never was.
func (l *leaderlessPoints) close(r leadership, at time.Duration) {
	if r.To = at; r.To > r.From {
		l.Leaderships = append(l.Leaderships, r)
	}
}

// addUp sums up the time without a leader. As in the measure of the same name it
// begins with the first leader, unless there never was one.
func (l *leaderlessPoints) addUp() {
	never := len(l.Leaderships) == 1 && l.Leaderships[0].Leader == 0
	var without time.Duration
	for i := range l.Leaderships {
		r := &l.Leaderships[i]
		r.Before = without
		r.Counts = r.Leader == 0 && (i > 0 || never)
		without += r.gap()
	}
}

// total is the time without a leader.
func (l leaderlessPoints) total() (without time.Duration) {
	for _, r := range l.Leaderships {
		without += r.gap()
	}
	return without
}

// The looks of a leadership and of its absence.
var (
	leadershipLook = chart.Look{Fill: chart.Blue, Text: chart.OnDark}
	gapLook        = chart.Look{Fill: chart.Vermillion, Hatch: chart.Rising, Over: chart.OnLight, Text: chart.OnLight}
	earlyLook      = chart.Look{Fill: chart.Paper, Hatch: chart.Crossed, Over: chart.Muted, Text: chart.Ink}
)

func (r leadership) look() chart.Look {
	switch {
	case r.Leader != 0:
		return leadershipLook
	case r.Counts:
		return gapLook
	}
	return earlyLook
}

// stripHeight is the height of the leaderships above the curve.
const stripHeight = 56 * chart.Px

func (l leaderlessPoints) ink(s *chart.Sheet) {
	p := s.NewTimePlot(0, s.Span)
	total := l.total()
	unit := chart.TimeUnitFor(0, total)
	up := func(d time.Duration) float64 { return float64(d) / float64(unit.Size) }
	p.Y.Min, p.Y.Max = 0, up(max(total, time.Millisecond))*1.1
	p.YLabel = "time without a leader (" + unit.Name + ")"
	p.Y.Tick.Marker = chart.RoundTicks{Most: 7}
	p.Add(chart.Horizontals(p.Plot))
	curve := chart.Pen(4*chart.Px, chart.Vermillion)
	p.Add(chart.InkFunc(func(c draw.Canvas, at func(x, y float64) vg.Point) {
		var path vg.Path
		path.Move(at(p.At(0), 0))
		for _, r := range l.Leaderships {
			path.Line(at(p.At(r.To), up(r.Before+r.gap())))
		}
		chart.Stroke(c, curve, path)
		end := chart.Letters(chart.TextSize, chart.Ink)
		end.XAlign = draw.XRight
		end.YAlign = draw.YBottom
		c.FillText(chart.Bold(end), at(p.At(p.To), up(total)).Add(vg.Point{X: -6 * chart.Px, Y: 6 * chart.Px}), "total "+
			sim.RoundedTime(total))
	}))
	p.Strip, p.InkStrip = stripHeight, l.inkStrip
	s.DrawTimePlot(p, l.keys(curve)...)
}

func (l leaderlessPoints) inkStrip(s *chart.Sheet, p *chart.TimePlot, data draw.Canvas) {
	style := chart.Bold(chart.Letters(chart.SmallSize, chart.Ink))
	style.XAlign = draw.XRight
	s.Text(style, data.Min.X-8*chart.Px, data.Center().Y, "leader")
	for _, r := range l.Leaderships {
		box := vg.Rectangle{
			Min: vg.Point{X: p.Place(r.From), Y: data.Min.Y + 8*chart.Px},
			Max: vg.Point{X: max(p.Place(r.To), p.Place(r.From)+2*chart.Px), Y: data.Max.Y - 8*chart.Px},
		}
		r.look().Draw(s, box)
		if r.Leader != 0 {
			chart.Stroke(s, chart.Pen(2*chart.Px, chart.Paper), chart.Segment(nil, box.Min,
				vg.Point{X: box.Min.X, Y: box.Max.Y}))
		}
		r.look().Write(s, box, r.labels(l.Members)...)
	}
}

// labels are what may stand on a leadership, longest first.
func (r leadership) labels(members []string) []string {
	if r.Leader == 0 {
		return []string{"none", ""}
	}
	name := chart.Printable(members[r.Leader-1])
	return []string{fmt.Sprintf("%s, term %d", name, r.Term), name, ""}
}

func (l leaderlessPoints) keys(curve draw.LineStyle) []chart.Key {
	keys := []chart.Key{chart.AreaKey("a member can lead", leadershipLook)}
	early := false
	for _, r := range l.Leaderships {
		early = early || r.Leader == 0 && !r.Counts
	}
	if early {
		keys = append(keys, chart.AreaKey("no leader yet", earlyLook))
	}
	if l.total() > 0 {
		keys = append(keys, chart.AreaKey("no member can lead", gapLook))
	}
	return append(keys, chart.LineKey("cumulative time without", curve))
}
