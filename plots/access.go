package plots

import (
	"fmt"
	"time"

	"gonum.org/v1/plot/vg"

	"quorumlab/plots/chart"
	"quorumlab/sim"
)

func init() {
	register(Figure{
		Name:  "access",
		Title: "Which clients get in, and where the others are stopped",
		About: "One row per client, in order: the stages on its way to a key, and the error it gets where it is stopped. " +
			"The numbers at the last stage say how many of its requests were granted.",
		Order:  15,
		Points: access,
	})
}

// accessPoints are the clients that came.
type accessPoints struct {
	Visits  []visit // in order of time
	LeftOut int     // further ones
}

// visit is a client that connected, and the outcome of its requests.
type visit struct {
	At      time.Duration
	Client  sim.ClientKind
	Stage   sim.AccessStage // how far it came
	By      [answers]int    // its requests
	Error   string          // the first that it saw
	several bool            // the client came more than once
}

// mostVisits is how many rows fit the page.
const mostVisits = 14

func access(r *Run) (Points, error) {
	var p accessPoints
	came := map[sim.ClientKind]int{}
	var first sim.Event // of the visit at hand
	for _, e := range r.Events {
		if e.Kind != sim.KindAccess {
			continue
		}
		if len(p.Visits) == 0 || e.Client != first.Client || e.Op == first.Op && e.Key == first.Key {
			first = e
			k := sim.ClientKindOf(e.Client)
			came[k]++
			p.Visits = append(p.Visits, visit{At: e.At, Client: k})
		}
		p.Visits[len(p.Visits)-1].take(e)
	}
	if len(p.Visits) == 0 {
		return nil, chart.Nothing("no client tested its access")
	}
	for i := range p.Visits {
		p.Visits[i].several = came[p.Visits[i].Client] > 1
	}
	p.LeftOut = max(0, len(p.Visits)-mostVisits)
	p.Visits = p.Visits[:len(p.Visits)-p.LeftOut]
	return p, nil
}

func (v *visit) take(e sim.Event) {
	v.Stage = max(v.Stage, min(sim.AccessStage(e.Count), sim.StageAuthorization))
	v.By[op{Outcome: e.Result}.answer()]++
	if v.Error == "" && e.Note != "" {
		v.Error = chart.Printable(e.Note)
		if v.Stage > sim.StageHandshake { // it has asked for something
			v.Error = chart.Printable(e.Op.String() + " " + e.Key + ": " + e.Note)
		}
	}
}

// at says what the visit was at a stage, and how that looks. Nothing: it did not come so far.
func (v visit) at(s sim.AccessStage) (string, chart.Look) {
	total := sum(v.By, answers)
	switch {
	case s < v.Stage || s == v.Stage && v.By[answered] == total:
		return "passed", answered.look()
	case s > v.Stage:
		return "", chart.Look{}
	case v.By[failed] == 0:
		return "no answer", unknown.look()
	case s < sim.StageAuthorization:
		return "refused", failed.look()
	case v.By[answered] == 0:
		return fmt.Sprintf("refused: 0 of %d", total), failed.look()
	}
	return fmt.Sprintf("partly: %d of %d", v.By[answered], total), partly
}

// partly is the look of what was granted in part.
var partly = chart.Partly.Look()

// name is the client's, with the time if it came more than once.
func (v visit) name() string {
	if v.several {
		return fmt.Sprintf("%s, at %s", v.Client, brief(v.At.Round(100*time.Millisecond)))
	}
	return string(v.Client)
}

// The columns: the client, a stage each, and what it is told.
const (
	clientWidth = 190 * chart.Px
	stageWidth  = 150 * chart.Px
	stages      = int(sim.StageAuthorization)
)

func (p accessPoints) ink(s *chart.Sheet) {
	s.Legend(p.keys()...)
	head := chart.Bold(chart.Letters(chart.TextSize, chart.Ink))
	top := s.Space.Max.Y - chart.TextSize
	for i := range stages {
		s.Text(chart.Centred(head), stageX(s, i)+stageWidth/2, top, sim.AccessStage(i+1).String())
	}
	s.Text(head, s.Space.Min.X, top, "client")
	s.Text(head, stageX(s, stages)+12*chart.Px, top, "error it gets")
	top -= chart.TextSize
	rows := len(p.Visits)
	if p.LeftOut > 0 {
		rows++
	}
	height := min((top-s.Space.Min.Y)/vg.Length(rows), 96*chart.Px)
	for i, v := range p.Visits {
		v.ink(s, top-height*vg.Length(i), height)
	}
	if p.LeftOut > 0 {
		s.Text(chart.Letters(chart.SmallSize, chart.Muted), s.Space.Min.X, s.Space.Min.Y+chart.SmallSize,
			fmt.Sprintf("and %d more", p.LeftOut))
	}
}

// keys are the entries for what occurs.
func (p accessPoints) keys() (keys []chart.Key) {
	var some, none, silent bool
	for _, v := range p.Visits {
		_, l := v.at(v.Stage)
		some, none, silent = some || l == partly, none || l == failed.look(), silent || l == unknown.look()
	}
	keys = append(keys, chart.AreaKey("passed", answered.look()))
	if some {
		keys = append(keys, chart.AreaKey("partly granted", partly))
	}
	if none {
		keys = append(keys, chart.AreaKey("refused", failed.look()))
	}
	if silent {
		keys = append(keys, chart.AreaKey("no answer in time", unknown.look()))
	}
	return keys
}

// stageX is where the column of a stage begins, from 0.
func stageX(s *chart.Sheet, i int) vg.Length {
	return s.Space.Min.X + clientWidth + vg.Length(i)*stageWidth
}

// ink draws a row below top.
func (v visit) ink(s *chart.Sheet, top, height vg.Length) {
	mid := top - height/2
	name := chart.Letters(chart.TextSize, chart.Ink)
	s.Text(name, s.Space.Min.X, mid, chart.Fit(v.name(), name, clientWidth-8*chart.Px))
	for i := range stages {
		text, l := v.at(sim.AccessStage(i + 1))
		cell := vg.Rectangle{
			Min: vg.Point{X: stageX(s, i) + 3*chart.Px, Y: top - height + 3*chart.Px},
			Max: vg.Point{X: stageX(s, i) + stageWidth - 3*chart.Px, Y: top - 3*chart.Px},
		}
		if text == "" {
			chart.Stroke(s, chart.Pen(chart.ThinLine, chart.Pale, 3*chart.Px, 5*chart.Px), chart.Box(nil, cell))
			continue
		}
		l.Draw(s.Canvas, cell, text)
	}
	v.inkError(s, mid, height)
}

// inkError writes what the client is told, in as many lines as the row has room for.
func (v visit) inkError(s *chart.Sheet, mid, height vg.Length) {
	style := chart.Letters(chart.SmallSize, chart.Ink)
	x := stageX(s, stages) + 12*chart.Px
	s.Lines(chart.Wrap(v.Error, style, s.Space.Max.X-x, max(1, int(height/(chart.SmallSize*1.15)))), x, mid)
}
