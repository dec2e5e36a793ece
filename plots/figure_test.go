package plots

import (
	"bytes"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"quorumlab/plots/chart"
	"quorumlab/plots/plottest"
	"quorumlab/sim"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with testdata/NAME.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := gocmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s differs; -update writes it anew (-want +got):\n%s", file, d)
	}
}

func TestPoints(t *testing.T) {
	for _, f := range Figures() {
		t.Run(f.Name, func(t *testing.T) {
			p, err := f.Points(Read(cmp.Or(plottest.Own(f.Name), plottest.Small())))
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "points/"+f.Name+".txt", lines(p))
		})
	}
}

// lines writes points with each value of a list on a line of its own.
func lines(p Points) []byte {
	s := fmt.Sprintf("%+v", p)
	s = strings.NewReplacer("} {", "}\n{", "] [", "]\n[", "[{", "[\n{").Replace(s)
	return append(regexp.MustCompile(` ([A-Z]\w*:\[\n)`).ReplaceAll([]byte(s), []byte("\n$1")), '\n')
}

func TestSVGText(t *testing.T) {
	svg, _, err := Render(plottest.Small(), "timeline")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "timeline.svg", svg)
}

// TestEveryFigureIsDrawn draws runs into folders, all figures of a run side by side.
func TestEveryFigureIsDrawn(t *testing.T) {
	length := 20 * time.Second
	if testing.Short() {
		length /= 4
	}
	tr := plottest.Play(length, 50)
	pictures := drawnInto(t, tr)
	orders := map[int]string{}
	for _, f := range Figures() {
		if f.Title == "" || f.About == "" || !regexp.MustCompile(`^[a-z][a-z-]*$`).MatchString(f.Name) {
			t.Errorf("%q needs a name, a title and an about: %+v", f.Name, f)
		}
		if orders[f.Order] != "" {
			t.Errorf("%s and %s have the same place", f.Name, orders[f.Order])
		}
		orders[f.Order] = f.Name
		from := pictures
		if own := plottest.Own(f.Name); own != nil {
			from = drawnInto(t, own)
		}
		if from[f.Name].Figure != f {
			t.Errorf("%s was not drawn", f.Name)
		}
	}
	_, again, err := Render(tr, "timeline")
	if err != nil || !bytes.Equal(again, pictures["timeline"].PNG) {
		t.Errorf("the PNG differs from one drawing to the next: %v", err)
	}
	if _, err := WriteAll(plottest.Small(), filepath.Join(t.TempDir(), "missing")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
}

// drawnInto draws a run into a folder, and each SVG once more alone: the bytes must be
// the same.
func drawnInto(t *testing.T, tr *sim.Trace) map[string]RunPicture {
	t.Helper()
	dir := t.TempDir()
	pictures, err := WriteAll(tr, dir)
	if err != nil {
		t.Fatal(err)
	}
	drawn := map[string]RunPicture{}
	for _, p := range pictures {
		name := p.Figure.Name
		drawn[name] = p
		plottest.CheckSVG(t, p.SVG)
		plottest.CheckPNG(t, p.PNG)
		for ext, want := range map[string][]byte{".svg": p.SVG, ".png": p.PNG} {
			got, err := os.ReadFile(filepath.Join(dir, name+ext))
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s%s: %d bytes, want %d: %v", name, ext, len(got), len(want), err)
			}
		}
		if alone, err := Read(tr).Draw(p.Figure, false); err != nil || !bytes.Equal(alone.SVG, p.SVG) {
			t.Errorf("%s: the SVG differs from one drawing to the next: %v", name, err)
		}
	}
	return drawn
}

func TestNothingToShow(t *testing.T) {
	quiet := plottest.Play(20*time.Second, 0)
	filtered := plottest.Play(20*time.Second, 50)
	filtered.Without = []sim.Kind{sim.KindSent, sim.KindDelivered, sim.KindDropped, sim.KindCommitted}
	for _, tt := range []struct {
		figure string
		trace  *sim.Trace
		want   string
	}{
		{"timeline", &sim.Trace{}, "figure timeline: nothing to show: no member ever started"},
		{"quorum", &sim.Trace{}, "figure quorum: nothing to show: no member ever started"},
		{"leaderless", &sim.Trace{}, "figure leaderless: nothing to show: no member ever started"},
		{"latency", quiet, "figure latency: nothing to show: there were no client operations"},
		{"throughput", quiet, "figure throughput: nothing to show: there were no client operations"},
		{"answers", quiet, "figure answers: nothing to show: the trace does not say which member answered"},
		{"store", &sim.Trace{}, "figure store: nothing to show: the trace has no database sizes"},
		{"commit", quiet, "figure commit: nothing to show: no member committed anything"},
		{"commit", filtered, "figure commit: nothing to show: the trace was kept without the commit index"},
		{"messages", filtered, "figure messages: nothing to show: the trace was kept without its messages"},
		{"alerts", &sim.Trace{}, "figure alerts: nothing to show: no alert rules watched the run"},
		{"messages", &sim.Trace{}, "figure messages: nothing to show: no message was sent between 0s and 1ms"},
	} {
		_, _, err := Render(tt.trace, tt.figure)
		if !errors.Is(err, chart.ErrNothing) || err.Error() != tt.want {
			t.Errorf("%s: %v\nwant %s", tt.figure, err, tt.want)
		}
	}
}

func TestUnknownFigure(t *testing.T) {
	_, _, err := Render(plottest.Small(), "timelime")
	want := `unknown figure "timelime" (did you mean "timeline"?)`
	if err == nil || err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
}
