package chart

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDistribution(t *testing.T) {
	got := Distribution("put", []float64{3, 1, 3, 2}).Points
	want := []XY{{1, 0}, {1, 0.25}, {2, 0.5}, {3, 1}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// panels are one of each kind, with what must be readable on it.
var panels = map[string]struct {
	panel Panel
	words []string
}{
	"lines": {Lines{
		Title: "Sizes", X: Axis{Label: "time (s)"}, Y: Axis{Label: "size (MiB)"},
		Series: []Series{{Name: "file", Steps: true, Points: []XY{{0, 1}, {2, 30}}},
			{Name: "rule", Expected: true, Points: []XY{{0, 1}, {2, 20}}}},
		Across: []Reference{{"quota", 32}}, Moments: []Reference{{"compaction", 1}},
	}, []string{"Sizes", "time (s)", "size (MiB)", "file", "rule", "quota", "compaction", "30"}},
	"bars": {Bars{
		Title: "Tolerance", XLabel: "members", Names: []string{"three", "four"}, Y: Axis{Label: "failures", Whole: true},
		Sets: []BarSet{{Name: "measured", Values: []float64{1, 1}}, {Name: "other", Values: []float64{2, math.NaN()},
			Labels: []string{"two!", ""}}},
	}, []string{"Tolerance", "members", "three", "four", "failures", "measured", "other", "two!"}},
	"matrix": {Matrix{
		Corner: "client", Columns: []string{"handshake", "authorization"}, Remarks: "error it gets",
		Rows: []MatrixRow{{"alice", []Cell{{"passed", Good}, {"in part", Partly}}, "permission denied"},
			{"nobody", []Cell{{"refused", Bad}, {}}, ""}},
	}, []string{"client", "handshake", "alice", "passed", "in part", "refused", "permission denied"}},
	"lanes": {Lanes{
		X: Axis{Label: "time (s)"}, Moments: []Reference{{"killed", 5}},
		Rows: []Lane{{"put", []Stretch{{0, 5, "answered", Good}, {5, 9, "timed out", Bad}, {9.5, 9.5, "", Neutral}}}},
	}, []string{"put", "answered", "timed out", "killed", "time (s)"}},
}

func TestCharts(t *testing.T) {
	for name, p := range panels {
		t.Run(name, func(t *testing.T) {
			svg, png, err := Chart{Name: "c", Title: "What was found", Subtitle: "3 members", Panels: []Panel{p.panel}}.Render()
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range append(p.words, "What was found", "3 members") {
				if !bytes.Contains(svg, []byte(">"+w+"</text>")) {
					t.Errorf("the picture does not say %q", w)
				}
			}
			if !bytes.HasPrefix(png, []byte("\x89PNG")) {
				t.Error("there is no PNG")
			}
		})
	}
}

func TestChartsRefuseWhatTheyCannotDraw(t *testing.T) {
	for name, c := range map[string]struct {
		panel Panel
		want  string
	}{
		"not finite": {Lines{Series: []Series{{Name: "a", Points: []XY{{math.NaN(), 1}}}}},
			`the line "a" has the point (NaN, 1)`},
		"zero on a log": {Lines{Y: Axis{Log: true}, Series: []Series{{Name: "a", Points: []XY{{1, 0}}}}},
			`the line "a" has the point (1, 0)`},
		"bars and names": {Bars{Names: []string{"x"}, Sets: []BarSet{{Name: "s", Values: []float64{1, 2}}}},
			`the bar set "s" has 2 bars and 0 labels for 1 names`},
		"cells and columns": {Matrix{Columns: []string{"x"}, Rows: []MatrixRow{{Name: "r"}}},
			`the row "r" has 0 cells for 1 columns`},
		"backwards": {Lanes{Rows: []Lane{{"l", []Stretch{{From: 2, To: 1}}}}}, `the lane "l" has a span from 2 to 1`},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := Chart{Panels: []Panel{c.panel}}.Render()
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
	for name, p := range map[string]Panel{"lines": Lines{}, "bars": Bars{}, "matrix": Matrix{}, "lanes": Lanes{}} {
		if _, _, err := (Chart{Panels: []Panel{p}}).Render(); !errors.Is(err, ErrNothing) {
			t.Errorf("empty %s: got %v", name, err)
		}
	}
}
