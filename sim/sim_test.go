package sim

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestRoundedSize(t *testing.T) {
	for size, want := range map[Size]string{
		0: "0B", 1000: "1000B", 1 << 10: "1.00KiB", 28_123_136: "26.8MiB", 150 << 20: "150MiB", 2 << 30: "2.00GiB", 1500 << 20: "1.46GiB", 1023 << 20: "1023MiB",
	} {
		if got := size.Rounded(); got != want {
			t.Errorf("%d bytes are %s, want %s", size, got, want)
		}
	}
}

func TestStatementTextFormIsTheStatement(t *testing.T) {
	for _, v := range Verbs() {
		st, err := ParseStatement(v.Example)
		if err != nil {
			t.Errorf("%s: %v", v.Name, err)
			continue
		}
		if got := st.String(); got != v.Example {
			t.Errorf("%s: example %q comes back as %q", v.Name, v.Example, got)
		}
	}
}

func TestStatementTakesALawByQuantiles(t *testing.T) {
	const text = "delay n1 n2 -> rest p50 2ms p99 8ms"
	st, err := ParseStatement(text)
	if err != nil {
		t.Fatal(err)
	}
	if st.String() != text || st.Law.P99 != 8*time.Millisecond {
		t.Errorf("%q comes back as %q with law %+v", text, st, st.Law)
	}
}

func TestStatementErrors(t *testing.T) {
	for _, tt := range []struct {
		text   string
		offset int
		want   string // the beginning of the message
	}{
		{"", 0, "the statement is empty; statements are add-learner"},
		{"crahs leader", 0, `unknown statement "crahs" (did you mean "crash"?); statements are `},
		{"slow-disk leader", 16, `members are missing (leader, followers`},
		{"slow-disk leader soon", 17, `"soon": a time law is a value like "5ms", a range like "2ms..5ms"`},
		{"partition n1 n2", 13, `a partition has at least two sides, separated by |; the shape is "partition MEMBERS | MEMBERS ..."`},
		{"partition n1 | | n2", 15, `a side of "|" is empty`},
		{"cut n1 | n2", 7, `"|" does not belong here`},
		{"heal random many", 12, `"many" is not a number of members`},
		{"move-leader followers", 12, "just one member is wanted here"},
		{"stop-load now", 10, `"now" is too much; the shape is "stop-load"`},
		{"add-learner all", 12, `"all" is a word of the language`},
	} {
		_, err := ParseStatement(tt.text)
		var place *SyntaxError
		if !errors.As(err, &place) {
			t.Errorf("%q: error %v, want a SyntaxError", tt.text, err)
			continue
		}
		if place.Offset != tt.offset || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%q: %d: %v\nwant %d: %s", tt.text, place.Offset, err, tt.offset, tt.want)
		}
	}
}

func TestLawQuantiles(t *testing.T) {
	l, err := QuantileLaw(2*time.Millisecond, 8*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	r := Stream(1, "test")
	const n = 200_000
	var below50, below99 int
	for range n {
		d := l.Draw(r)
		if d <= l.P50 {
			below50++
		}
		if d <= l.P99 {
			below99++
		}
	}
	if p := float64(below50) / n; p < .495 || p > .505 {
		t.Errorf("P(x <= p50) = %v", p)
	}
	if p := float64(below99) / n; p < .988 || p > .992 {
		t.Errorf("P(x <= p99) = %v", p)
	}
}

func TestEventOnDiskIsTheEvent(t *testing.T) {
	e := Event{}
	v := reflect.ValueOf(&e).Elem()
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.Bool:
			f.SetBool(true)
		case reflect.String:
			f.SetString("a \"b\" <é>\x01")
		case reflect.Int64:
			f.SetInt(int64(i + 1))
		default:
			f.SetUint(uint64(i%2 + 1))
		}
	}
	tr := &Trace{Header: Header{Format: TraceFormat, Engine: "sim", Members: []string{"n1", "n2"}}, Events: []Event{e}}
	var b bytes.Buffer
	if err := tr.Write(&b); err != nil {
		t.Fatal(err)
	}
	got, err := ReadTrace(&b)
	if err != nil {
		t.Fatal(err)
	}
	if got.Events[0] != e {
		t.Errorf("got  %+v\nwant %+v", got.Events[0], e)
	}
	var m map[string]any
	if err := json.Unmarshal(e.appendJSON(nil), &m); err != nil || len(m) != v.NumField() {
		t.Errorf("%d of %d fields on disk: %v %v", len(m), v.NumField(), m, err)
	}
}

func TestMixDrawsByItsWeights(t *testing.T) {
	m, r := Mix{Put: 70, Get: 20, CAS: 10}, Stream(1, "test")
	const n = 100_000
	var seen [4]int
	for range n {
		seen[m.Draw(r)]++
	}
	for kind, want := range map[OpKind]int{OpPut: 70, OpGet: 20, OpCAS: 10} {
		if share := float64(seen[kind]) * 100 / n; share < float64(want)-1 || share > float64(want)+1 {
			t.Errorf("%s: %.1f%%, want %d%%", kind, share, want)
		}
	}
}

// TestStreamParts: a stream's use may come in parts, and says the same as a whole.
func TestStreamParts(t *testing.T) {
	a, b, c := Stream(1, "link n1 n2"), Stream(1, "link ", "n1", " ", "n2"), Stream(1, "link n1 n3")
	for range 3 {
		va, vb, vc := a.Uint64(), b.Uint64(), c.Uint64()
		if va != vb || va == vc {
			t.Errorf("the streams give %d, %d and %d, want two that are equal and one that is not", va, vb, vc)
		}
	}
}
