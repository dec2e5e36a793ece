package chart

import (
	"strings"
	"testing"
	"time"

	"gonum.org/v1/plot/vg"
	"pgregory.net/rapid"

	"quorumlab/plots/plottest"
)

// TestLanesDoNotOverlap packs any faults.
func TestLanesDoNotOverlap(t *testing.T) {
	p := &TimePlot{To: time.Minute, unit: TimeUnitFor(0, time.Minute)}
	rapid.Check(t, func(t *rapid.T) {
		var fs []Fault
		at := time.Duration(0)
		for range rapid.IntRange(0, 30).Draw(t, "faults") {
			at += time.Duration(rapid.Int64Range(0, int64(5*time.Second)).Draw(t, "after"))
			lasts := time.Duration(rapid.Int64Range(0, int64(20*time.Second)).Draw(t, "lasts")) * time.Duration(rapid.IntRange(0,
				1).Draw(t, "band"))
			fs = append(fs, Fault{From: at, To: at + lasts, Text: strings.Repeat("n1 ", rapid.IntRange(1, 20).Draw(t, "words"))})
		}
		l := stack(fs, p)
		placed := l.more
		for _, row := range l.rows {
			placed += len(row)
			for i, s := range row {
				if i > 0 && row[i-1].end > s.begin {
					t.Fatalf("%v and %v are on top of each other", row[i-1], s)
				}
			}
		}
		in := 0
		for _, f := range fs {
			if f.From <= p.To {
				in++
			}
		}
		if placed != in || len(l.rows) > mostLanes {
			t.Fatalf("%d of %d faults in %d rows", placed, in, len(l.rows))
		}
	})
}

func TestHatchStaysInItsArea(t *testing.T) {
	r := vg.Rectangle{Min: vg.Point{X: 13, Y: 17}, Max: vg.Point{X: 113, Y: 57}}
	for h := Rising; h <= Level; h++ {
		path := h.lines(r)
		if len(path) < 8 {
			t.Errorf("hatch %d has %d points", h, len(path))
		}
		for _, c := range path {
			const slack = 1e-6
			if c.Pos.X < r.Min.X-slack || c.Pos.X > r.Max.X+slack || c.Pos.Y < r.Min.Y-slack || c.Pos.Y > r.Max.Y+slack {
				t.Errorf("hatch %d leaves its area at %v", h, c.Pos)
			}
		}
	}
}

func TestFit(t *testing.T) {
	style := Letters(TextSize, Ink)
	const text = "partition n1 n2 | n3 n4 n5"
	if got := Fit(text, style, style.Width(text)); got != text {
		t.Errorf("a text that has room became %q", got)
	}
	short := Fit(text, style, style.Width(text)/2)
	if !strings.HasSuffix(short, "…") || !strings.HasPrefix(text, strings.TrimSuffix(short, "…")) ||
		style.Width(short) > style.Width(text)/2 {
		t.Errorf("cut to %q", short)
	}
	if got := Fit(text, style, 5*Px); got != "" {
		t.Errorf("no room at all: %q", got)
	}
}

func TestTicks(t *testing.T) {
	for _, tt := range []struct {
		RoundTicks
		lo, hi float64
		want   string
	}{
		{RoundTicks{Most: 12}, 0, 45, "0 5 10 15 20 25 30 35 40 45"},
		{RoundTicks{Most: 7, Whole: true}, 0, 2, "0 1 2"},
		{RoundTicks{Most: 7}, 0, 1, "0.0 0.2 0.4 0.6 0.8 1.0"},
		{RoundTicks{Most: 5}, 7.875, 7.995, "7.90 7.95"},
		{RoundTicks{Most: 4}, 0, 12500, "0 5\u202f000 10\u202f000"},
	} {
		var got []string
		for _, tick := range tt.Ticks(tt.lo, tt.hi) {
			got = append(got, tick.Label)
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%v to %v: %s, want %s", tt.lo, tt.hi, s, tt.want)
		}
	}
}

func TestWrap(t *testing.T) {
	style := Letters(SmallSize, Ink)
	room := style.Width("one two three")
	for _, tt := range []struct {
		text string
		most int
		want []string
	}{
		{"", 2, nil},
		{"one two three", 2, []string{"one two three"}},
		{"one two three four", 2, []string{"one two three", "four"}},
		{"one two three four five six seven", 2, []string{"one two three", "four five …"}},
		{"one two three four", 1, []string{"one two …"}},
	} {
		got := Wrap(tt.text, style, room, tt.most)
		for i, l := range got {
			if style.Width(l) > room+vg.Length(0.01) {
				t.Errorf("%q: line %q has no room", tt.text, l)
			}
			if i < len(tt.want)-1 && l != tt.want[i] {
				t.Errorf("%q: line %d is %q, want %q", tt.text, i, l, tt.want[i])
			}
		}
		if len(got) != len(tt.want) {
			t.Errorf("%q: %q, want %q", tt.text, got, tt.want)
		}
	}
}

// TestLettersOnMoodsCanBeRead holds the labels on areas of every mood, and on bands of faults, to
// the contrast that WCAG 2.1 asks of text, 4.5 to 1.
func TestLettersOnMoodsCanBeRead(t *testing.T) {
	looks := []Look{bandLook()}
	for m := Good; m <= Neutral; m++ {
		looks = append(looks, m.Look())
	}
	for _, l := range looks {
		if c := plottest.Contrast(l.Text, l.Fill, Paper); c < 4.5 {
			t.Errorf("%v on %v has a contrast of %.1f", l.Text, l.Fill, c)
		}
	}
}
