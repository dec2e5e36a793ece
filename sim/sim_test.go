package sim

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

func TestRoundedSize(t *testing.T) {
	for size, want := range map[Size]string{
		0: "0B", 1000: "1000B", 1 << 10: "1.00KiB", 28_123_136: "26.8MiB", 150 << 20: "150MiB", 2 << 30: "2.00GiB",
		1500 << 20: "1.46GiB", 1023 << 20: "1023MiB",
	} {
		if got := size.Rounded(); got != want {
			t.Errorf("%d bytes are %s, want %s", size, got, want)
		}
	}
}

func TestLawQuantiles(t *testing.T) {
	l, err := QuantileDistribution(2*time.Millisecond, 8*time.Millisecond)
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
	got, err := ReadTrace(&b, bare)
	if err != nil {
		t.Fatal(err)
	}
	if got.Events[0] != e {
		t.Errorf("got  %+v\nwant %+v", got.Events[0], e)
	}
	var m map[string]any
	if err := json.Unmarshal(e.AppendJSON(nil), &m); err != nil || len(m) != v.NumField() {
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
