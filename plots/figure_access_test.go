package plots

import (
	"testing"

	"gonum.org/v1/plot/vg"

	"quorumlab/sim"
)

// What fits no page is counted, and a client that this program does not know has a row all the same.
func TestAccessLeavesOutWhatDoesNotFit(t *testing.T) {
	tr := &sim.Trace{}
	for range mostVisits + 3 {
		tr.Events = append(tr.Events, sim.Event{Kind: sim.KindAccess, Client: 99, Count: 77, Result: sim.OutcomeFailed, Note: "no"})
	}
	p, err := access(Read(tr))
	if err != nil {
		t.Fatal(err)
	}
	if a := p.(AccessPoints); len(a.Visits) != mostVisits || a.LeftOut != 3 {
		t.Errorf("%d rows and %d left out", len(a.Visits), a.LeftOut)
	}
	drawn(t, tr)
}

func TestWrap(t *testing.T) {
	style := letters(smallSize, ink)
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
		got := wrap(tt.text, style, room, tt.most)
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
