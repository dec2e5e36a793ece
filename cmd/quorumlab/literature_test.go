package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"quorumlab/internal/stats"
	"quorumlab/sim"
	"quorumlab/sim/plan"
	"quorumlab/sim/sweep"
)

// published is a line of a table of quantiles: what others have published, and a variation of a sweep
// that is held to it. A value of 0 is not published.
type published struct {
	variation, name string
	quantiles       [7]float64 // min, p10, p50, mean, p90, p99, and max or p99.9
}

var paper = []published{
	{"12-24ms", "12-24", [7]float64{15.3, 19.7, 30.0, 34.7, 53.0, 86.9, 151.7}},
	{"150-200ms", "150-200", [7]float64{87.1, 110.5, 146.4, 156.0, 193.5, 352.0, 512.5}},
	{"150-300ms", "150-300", [7]float64{92.7, 124.7, 171.2, 180.7, 244.3, 414.6, 603.3}},
}

var dissertation = []published{
	{"none down", "none", [7]float64{363.8, 375.4, 409.5, 430.0, 489, 833, 985}},
	{"one down", "one", [7]float64{363.9, 379.5, 423.3, 468.6, 562, 1006, 1385}},
	{"two down", "two", [7]float64{364.2, 386.9, 468.7, 0, 1074, 1930, 2853}},
}

// quantileRows are a variation's quantiles, by the variation's name.
func quantileRows(t *testing.T, folder, measure string) map[string][7]float64 {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(folder, "summary.json"))
	var s struct {
		Variations []struct {
			Name     string
			Measures map[string]map[string]json.RawMessage
		}
	}
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string][7]float64{}
	for _, v := range s.Variations {
		var row [7]float64
		for i, key := range []string{"min", "p10", "p50", "mean", "p90", "p99", "max"} {
			if err := json.Unmarshal(v.Measures[measure][key], &row[i]); err != nil {
				t.Fatal(err)
			}
		}
		rows[v.Name] = row
	}
	return rows
}

// trialsQuantile is a quantile of a variation's trials.
func trialsQuantile(t *testing.T, folder, variation string, q float64) float64 {
	t.Helper()
	f, err := os.Open(filepath.Join(folder, "trials.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var values []float64
	for _, row := range rows {
		if row[0] == variation {
			v, err := strconv.ParseFloat(row[3], 64)
			if err != nil {
				t.Fatal(err)
			}
			values = append(values, v)
		}
	}
	slices.Sort(values)
	return stats.Quantile(values, q)
}

func quantileRow(name, who string, row [7]float64, more string) string {
	cells := []string{name, who}
	for _, v := range row {
		if v == 0 {
			cells = append(cells, more)
			continue
		}
		cells = append(cells, fmt.Sprintf("%.1f", v))
	}
	return "| " + strings.Join(cells, " | ") + " |\n"
}

// tableUnder replaces the lines of the table below a heading, behind its two first, or compares them.
func tableUnder(t *testing.T, path, heading, rows string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), "\n"+heading+"\n")
	head, rest, there := strings.Cut(rest, "|---|\n")
	if !ok || !there {
		t.Fatalf("there is no table under %s", heading)
	}
	old := ""
	for line := range strings.Lines(rest) {
		if !strings.HasPrefix(line, "|") {
			break
		}
		old += line
	}
	switch {
	case old == rows:
	case *update:
		writeBack(t, path, []byte(before+"\n"+heading+"\n"+head+"|---|\n"+rows+strings.TrimPrefix(rest, old)))
	default:
		t.Errorf("the page shows under %q\n%sbut it is\n%s", heading, old, rows)
	}
}

// literatureHolds holds the two sweeps to what is published, and the page to both. The page's
// command has left the one over a wide area.
func literatureHolds(t *testing.T, pictures string) {
	page, std := filepath.Join(pictures, "..", "literature.md"), streams{out: io.Discard, err: io.Discard}
	execute(context.Background(), []string{"sweep", "figure-16"}, std)
	svg, err := os.ReadFile(filepath.Join("out", "wan-elections-sweep", "plots", "distribution-leader.first.svg"))
	if err != nil {
		t.Fatal(err)
	}
	samePicture(t, filepath.Join(pictures, "wan-elections.svg"), svg)

	figure, table := quantileRows(t, filepath.Join("out", "figure-16-sweep"), "failover"), ""
	for _, p := range paper {
		table += quantileRow(p.name, "published", p.quantiles, "-")
		for _, rules := range []string{"raft/v3 pre-vote", "raft/v3"} {
			table += quantileRow("", rules, figure[p.variation+", "+rules], "-")
		}
		holds(t, p.variation+" p50", figure[p.variation+", raft/v3 pre-vote"][2], p.quantiles[2], 0.1)
	}
	tableUnder(t, page, "## A crashed leader (Figure 16)", table)

	wan, table := quantileRows(t, filepath.Join("out", "wan-elections-sweep"), "leader.first"), ""
	for _, p := range dissertation {
		got := wan[p.variation]
		table += quantileRow(p.name, "published", p.quantiles, "over 631")
		got[6] = trialsQuantile(t, filepath.Join("out", "wan-elections-sweep"), p.variation, 0.999)
		table += quantileRow("", "quorumlab", got, "-")
		holds(t, p.variation+" p50", got[2], p.quantiles[2], 0.02)
		mean := p.quantiles[3]
		if mean == 0 {
			mean = 631 // of the curve, which ends before its tail does
		}
		holds(t, p.variation+" mean", got[3], mean, 0.03)
	}
	tableUnder(t, page, "## Elections over a wide area", table)
}

func holds(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if math.Abs(got-want) > within*want {
		t.Errorf("%s is %.4g, published is %.4g", what, got, want)
	}
}

// closedForm is a number with a formula of its own.
type closedForm struct {
	what      string
	want, got float64
	within    float64
	unit      string
}

// planned is the plan of a cluster with a few fields of its own.
func planned(t *testing.T, change func(in *plan.Input)) *plan.Plan {
	t.Helper()
	var in plan.Input
	in.SetDefaults()
	change(&in)
	p, err := plan.Make(in)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// firstLoss is the mean time in years until so many members lose their quorum for the first time.
func firstLoss(t *testing.T, n int, r plan.Repair) float64 {
	return planned(t, func(in *plan.Input) {
		in.Members, in.MTTF, in.MTTR = n, plan.Span(r.MTTF), plan.Span(r.MTTR)
	}).FirstLoss()
}

// recovery is how many seconds a member takes to get a database.
func recovery(t *testing.T, bytes, bandwidth float64) float64 {
	at := planned(t, func(in *plan.Input) { in.Bandwidth = sim.Size(bandwidth) }).Recovery.Curve[0]
	return at.Member / at.Bytes * bytes
}

func closedForms(t *testing.T) (fs []closedForm) {
	for _, s := range []struct {
		latency, want float64
	}{{.01, .0006}, {.1, .052}, {.2, .181}} {
		e := sweep.ElectionTheory{Members: 5, Alive: 4, Spread: 1, Latency: s.latency}
		what := fmt.Sprintf("split vote, latency %g", s.latency)
		fs = append(fs, closedForm{what, 100 * s.want, 100 * e.SplitVote(), .03, "%"})
	}
	for _, u := range []struct {
		n    int
		want float64
	}{{1, .01}, {3, 2.98e-4}, {4, 5.92e-4}, {5, 9.85e-6}} {
		fs = append(fs, closedForm{fmt.Sprintf("unavailability of %d", u.n), u.want, plan.Unavailability(u.n, .01), .002, ""})
	}
	r := plan.Repair{MTTF: 90 * 24 * time.Hour, MTTR: 4 * time.Hour}
	down := func(n int) float64 { return plan.Unavailability(n, r.Share()) * plan.Year.Seconds() }
	never := plan.Repair{MTTF: 10_000 * time.Hour, MTTR: math.MaxInt64}
	return append(fs,
		closedForm{"downtime a year of 3", 323, down(3), .002, " s"},
		closedForm{"downtime a year of 5", 2.0, down(5), .05, " s"},
		closedForm{"first loss of 3", 22.4, firstLoss(t, 3, r), .005, " years"},
		closedForm{"first loss of 5", 2426, firstLoss(t, 5, r), .002, " years"},
		closedForm{"first loss of 3 that are never repaired, one every 10,000 h", 8333.33,
			firstLoss(t, 3, never) * plan.Year.Hours(), .001, " h"},
		closedForm{"unavailability of 1+1+1 in zones", 3.627e-6,
			plan.Placement{1, 1, 1}.Unavailability(.001, 1e-4), .001, ""},
		closedForm{"unavailability of 3+2 in zones", 1.003e-4, plan.Placement{3, 2}.Unavailability(.001, 1e-4), .001, ""},
		closedForm{"unavailability of 5 in one zone", 1.000e-4, plan.Placement{5}.Unavailability(.001, 1e-4), .001, ""},
		closedForm{"recovery of 100 MB at 10 MB/s", 15, recovery(t, 100e6, 10e6), .001, " s"},
		closedForm{"recovery of 1 GB at 100 MB/s", 15, recovery(t, 1e9, 100e6), .001, " s"},
	)
}

// TestClosedFormsOfTheLiterature holds the formulas to what is published and the page to both.
func TestClosedFormsOfTheLiterature(t *testing.T) {
	table := ""
	for _, f := range closedForms(t) {
		holds(t, f.what, f.got, f.want, f.within)
		table += fmt.Sprintf("| %s | %.4g%s | %.4g%s | %.2g%% |\n", f.what, f.want, f.unit, f.got, f.unit, 100*f.within)
	}
	tableUnder(t, filepath.Join(manual, "literature.md"), "## Closed forms", table)
}
