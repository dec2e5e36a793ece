package plans

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"quorumlab/plots/chart"
	"quorumlab/plots/plottest"
	"quorumlab/sim"
	"quorumlab/sim/plan"
)

// planned is the plan of a cluster, with something simulated.
func planned(t *testing.T, name string, change func(in *plan.Input)) *Planned {
	t.Helper()
	var in plan.Input
	in.SetDefaults()
	change(&in)
	p, err := plan.Make(in)
	if err != nil {
		t.Fatal(err)
	}
	return &Planned{Plan: p, Name: name, Simulated: p.Lay([]float64{1, 2, 3}, []float64{900, 1000})}
}

const hasty = plan.Span(10 * time.Millisecond)

func three(in *plan.Input) { in.Zones = plan.Placement{1, 1, 1} }

func TestQuorumMatrix(t *testing.T) {
	m := quorumMatrix(4)
	if m.Columns[3] != "plan: 4" || len(m.Rows) != 5 {
		t.Errorf("columns %v, rows %v", m.Columns, m.Rows)
	}
	// Four hold one failure, as three do; two of them are too many.
	for n, want := range map[int]bool{2: false, 3: true, 4: true, 5: true} {
		if got := m.Cells[0][n-1].Holds; got != want {
			t.Errorf("%d members and one failure: %v", n, got)
		}
	}
	if m.Cells[1][3].Holds || !m.Cells[1][4].Holds || m.Cells[2][1].Text != "" {
		t.Errorf("%+v", m.Cells)
	}
}

func TestZoneMatrix(t *testing.T) {
	x, err := zoneMatrix(planned(t, "", func(in *plan.Input) { in.Zones = plan.Placement{3, 2} }))
	if err != nil {
		t.Fatal(err)
	}
	m := x.(matrixPoints)
	if m.Rows[0] != "this plan: 3+2" || m.Cells[0][0].Holds || !m.Cells[0][1].Holds ||
		m.Cells[0][0].Text != "2 left, 3 needed" {
		t.Errorf("%+v", m)
	}
}

func TestDowntimePoints(t *testing.T) {
	p := planned(t, "", three)
	x, err := downtime(p)
	if err != nil {
		t.Fatal(err)
	}
	q := x.(panelPoints).Panels[0]
	if len(q.Curves[0].Xs) != 9 || q.Curves[0].Ys[2] != p.Availability.ByMembers[2].Alone.DowntimeSeconds ||
		q.Marks[0].X != 3 {
		t.Errorf("%+v", q)
	}
	alone := planned(t, "", func(in *plan.Input) { in.Members = 3 })
	if x, err = downtime(alone); err != nil || len(x.(panelPoints).Panels[0].Curves) != 1 {
		t.Errorf("without zones: %+v, %v", x, err)
	}
	for name, f := range map[string]func(p *Planned) (PlanPoints, error){"matrix": zoneMatrix, "bars": placementBars} {
		if _, err := f(alone); !errors.Is(err, chart.ErrNothing) {
			t.Errorf("there are no zones, but a %s of them: %v", name, err)
		}
	}
	never := planned(t, "", func(in *plan.Input) { in.Zones, in.MTTR, in.ZoneMTTR = plan.Placement{1, 1, 1}, 0, 0 })
	if _, err := downtime(never); !errors.Is(err, chart.ErrNothing) {
		t.Errorf("nothing fails, and there is a picture: %v", err)
	}
}

func TestGrowthPoints(t *testing.T) {
	p := planned(t, "", three)
	x, err := growthCurves(p)
	if err != nil {
		t.Fatal(err)
	}
	g := x.(panelPoints)
	// The file if compaction stops ends at its quota; pages in use jump at each of four compactions.
	without := g.Panels[0].Curves[1]
	if end := without.Ys[len(without.Ys)-1]; end < 2048 || end > 1.1*2048 {
		t.Errorf("without compaction the curve ends at %g MiB", end)
	}
	if used := g.Panels[1].Curves[1]; len(used.Xs) != 8 || used.Xs[1] != used.Xs[2] || used.Ys[1] <= used.Ys[2] {
		t.Errorf("%+v", used)
	}
	over := planned(t, "", func(in *plan.Input) { in.WriteRate = 10_000 })
	if _, err := growthCurves(over); !errors.Is(err, chart.ErrNothing) {
		t.Errorf("over the quota at once: %v", err)
	}
}

func TestTimeoutPoints(t *testing.T) {
	x, err := timeouts(planned(t, "", func(in *plan.Input) { in.Loss = 200_000 }))
	if err != nil {
		t.Fatal(err)
	}
	q := x.(panelPoints)
	if falsely := q.Panels[0].Curves[0].Ys; falsely[0] < 1 || falsely[len(falsely)-1] > falsely[0] {
		t.Errorf("false elections a year are %v", falsely)
	}
	if p50 := q.Panels[1].Curves[0].Ys; p50[len(p50)-1] < 100*p50[0] {
		t.Errorf("failovers are %v", p50)
	}
}

// Every figure of plans at the ends of what can be planned is a whole picture.
func TestPlanPictures(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and on one goroutine: TestEveryFigureIsDrawn draws on many")
	}
	ends := map[string]func(in *plan.Input){
		"one":    func(in *plan.Input) { in.Members = 1 },
		"two":    func(in *plan.Input) { in.Members = 2 },
		"many":   func(in *plan.Input) { in.Members = plan.MostMembers },
		"quiet":  func(in *plan.Input) { in.WriteRate = 0 },
		"far":    func(in *plan.Input) { in.RTT = sim.Fixed(4 * time.Second) },
		"hasty":  func(in *plan.Input) { in.RTT = sim.Fixed(4 * time.Second); in.Heartbeat, in.Election = hasty, 5*hasty },
		"cloud":  func(in *plan.Input) { in.Nodes = 5000; in.Quota = 8 << 30 },
		"swamp":  func(in *plan.Input) { in.WriteRate = 50_000 },
		"sturdy": func(in *plan.Input) { in.Zones, in.MTTR, in.ZoneMTTR = plan.Placement{1, 1, 1}, 0, 0 },
		"zoned":  func(in *plan.Input) { in.Zones, in.Quota = plan.Placement{2, 2, 1}, 20<<30 },
	}
	for name, change := range ends {
		t.Run(name, func(t *testing.T) {
			p := planned(t, name+".yaml", change)
			a, err := Draw([]*Planned{p}, false)
			if err != nil {
				t.Fatal(err)
			}
			for i := range a {
				plottest.CheckSVG(t, a[i].SVG)
				if bytes.Contains(a[i].SVG, []byte("NaN")) || bytes.Contains(a[i].SVG, []byte("Inf")) {
					t.Errorf("%s has places that are no numbers", a[i].Name)
				}
			}
		})
	}
}
