package sweeps

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"quorumlab/plots/chart"
	"quorumlab/plots/plottest"
	"quorumlab/sim"
	"quorumlab/sim/sweep"
)

// swept is a sweep of two axes with made-up values: variation v has v+1 to v+10.
func swept(t *testing.T) *Swept {
	t.Helper()
	axes := []sim.SweepAxis{
		{Name: "size", Points: []sim.Point{{Name: "3", Panel: "small", Published: []sim.Quantile{{Share: 0.5, Value: 4}}},
			{Name: "5", Panel: "large"}}},
		{Name: "pre-vote", Points: []sim.Point{{Name: "off"}, {Name: "on"}}},
	}
	p := &sweep.Design{Scenario: "s", Measures: []sim.Reading{{Measure: "failover", In: sim.Millis}}, Axes: axes,
		Variations: sweep.Cross(axes, 10), Shard: 1, Shards: 1}
	var b []byte
	for place := range p.Own() {
		tr := p.Trial(place)
		b = p.Encoder().Append(b, place, sweep.Record{Values: []float64{float64(tr.Variation + tr.Number + 1)}})
	}
	res, err := sweep.Sum(sweep.NewRecords(p, bytes.NewReader(b)), "")
	if err != nil {
		t.Fatal(err)
	}
	s := &sim.Scenario{Name: "s"}
	return &Swept{Summary: res, Scenarios: []*sim.Scenario{s, s, s, s}}
}

func TestDistributionPoints(t *testing.T) {
	p, err := distribution(swept(t), 0)
	if err != nil {
		t.Fatal(err)
	}
	d := p.(distributionPoints)
	if len(d.Panels) != 2 || len(d.Panels[0].Lines) != 2 || !slices.Equal(d.Styles, []string{"off", "on"}) || d.Lo != 1 ||
		d.Hi != 13 {
		t.Fatalf("%+v", d)
	}
	if dots := d.Panels[0].Dots; len(dots) != 1 || dots[0] != (dot{0, 4, 0.5}) {
		t.Errorf("published: %+v", dots)
	}
	if l := d.Panels[1].Lines[1]; l.Style != 1 || l.Points[4] != (sweep.CurvePoint{Value: 8, Share: 0.5}) {
		t.Errorf("%+v", l)
	}
}

func TestHeatPoints(t *testing.T) {
	p, err := heat(swept(t), 0)
	if err != nil {
		t.Fatal(err)
	}
	h := p.(heatPoints)
	if h.Cells[1][0].Value != 6 || h.Cells[0][1].Value != 7 || h.Lo != 5 || h.Hi != 8 {
		t.Errorf("%+v", h)
	}
	if _, err := theory(swept(t), 0); !errors.Is(err, chart.ErrNothing) {
		t.Errorf("no theory was asked for: %v", err)
	}
}

// The same sweep gives the same pictures, and every one is a whole SVG.
func TestSweepPicturesAreTheSame(t *testing.T) {
	a, err := swept(t).Draw(false)
	if err != nil {
		t.Fatal(err)
	}
	b, err := swept(t).Draw(false)
	if err != nil || len(a) != 2 || len(a) != len(b) {
		t.Fatalf("%d and %d pictures, %v", len(a), len(b), err)
	}
	for i := range a {
		plottest.CheckSVG(t, a[i].SVG)
		if !bytes.Equal(a[i].SVG, b[i].SVG) {
			t.Errorf("%s is drawn in two ways", a[i].Name)
		}
	}
}

func TestFileWord(t *testing.T) {
	for in, want := range map[string]string{"failover": "failover", "writes.ok[6s..14s]": "writes.ok-6s..14s",
		"elections.failed >= 1": "elections.failed-at-least-1", "failover > 2s": "failover-above-2s"} {
		if got := fileWord(in); got != want {
			t.Errorf("%s becomes %s, want %s", in, got, want)
		}
	}
}
