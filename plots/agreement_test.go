package plots

import (
	"bytes"
	"errors"
	"image/png"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quorumlab/plots/chart"
	"quorumlab/sim"
	"quorumlab/sim/compare"
)

// agreed is a comparison with both of the measures that are drawn.
func agreed() compare.Agreement {
	return compare.Agreement{
		Name: "agreed", Title: "Two engines agree", Real: compare.Runs{Engine: "etcd", N: 3},
		Model: compare.Runs{Engine: "sim", N: 5},
		Rows: []compare.Row{
			{Measure: "failover", Unit: sim.Millis, PerRun: true, Real: compare.Of([]float64{1100, 1300, 1800}),
				Model: compare.Of([]float64{900, 1200, 1250, 1400, 1700})},
			{Measure: "latency.put", Unit: sim.Millis, Real: compare.Of([]float64{2, 3, 3, 40}),
				Model: compare.Of([]float64{2, 2, 3, 5})},
		},
	}
}

func TestAgreementIsDrawn(t *testing.T) {
	svg, pixels, err := Agreement(agreed())
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "agreement.svg", svg)
	if _, err := png.Decode(bytes.NewReader(pixels)); err != nil {
		t.Error(err)
	}
}

// TestAgreementWithHalfOfIt draws what one engine alone has, and refuses what neither has.
func TestAgreementWithHalfOfIt(t *testing.T) {
	c := agreed()
	c.Rows[0].Real = nil
	if _, _, err := Agreement(c); err != nil {
		t.Error(err)
	}
	c.Rows = nil
	if _, _, err := Agreement(c); !errors.Is(err, chart.ErrNothing) {
		t.Errorf("nothing to draw: %v", err)
	}
}

func TestAgreementAxes(t *testing.T) {
	ps := agreementPanels(agreed())
	if len(ps) != 2 {
		t.Fatalf("%d panels, want 2", len(ps))
	}
	if f := ps[0]; f.lo != 810 || f.hi != 1890 {
		t.Errorf("failover from %v to %v, want a tenth of air around 900 to 1800", f.lo, f.hi)
	}
	if l := ps[1]; l.lo != 2 || l.hi != 50 {
		t.Errorf("latency from %v to %v, want round numbers around 2 to 40", l.lo, l.hi)
	}
}

func TestRoundTimes(t *testing.T) {
	label := func(lo, hi float64) (out []string) {
		for _, k := range (roundTimes{}).Ticks(lo, hi) {
			out = append(out, k.Label)
		}
		return out
	}
	for _, c := range []struct {
		lo, hi float64
		want   []string
	}{
		{2, 50, []string{"2ms", "5ms", "10ms", "20ms", "50ms"}},
		{0.5, 2, []string{"500us", "1ms", "2ms"}},
		{1, 2000, []string{"1ms", "", "", "10ms", "", "", "100ms", "", "", "1s", ""}},
	} {
		if d := cmp.Diff(c.want, label(c.lo, c.hi)); d != "" {
			t.Errorf("%v to %v (-want +got):\n%s", c.lo, c.hi, d)
		}
	}
}

func TestThinSteps(t *testing.T) {
	var vs []float64
	for i := range 10 * mostSteps {
		vs = append(vs, float64(i))
	}
	kept := thinSteps(compare.Of(vs).Steps())
	if len(kept) > mostSteps+1 || kept[len(kept)-1].Share != 1 || kept[len(kept)-1].At != vs[len(vs)-1] {
		t.Errorf("%d steps kept, the last one %v", len(kept), kept[len(kept)-1])
	}
	for i, st := range kept[1:] {
		if st.Share <= kept[i].Share || st.At <= kept[i].At {
			t.Fatalf("step %d: %v after %v", i+1, st, kept[i])
		}
	}
}
