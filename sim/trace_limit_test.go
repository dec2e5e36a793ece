package sim

import "testing"

func TestRecorderLimit(t *testing.T) {
	rec := NewRecorder(AllKinds)
	const most = 12_000
	rec.Limit(most, HighRate)
	for i := range 2 * most {
		e := Event{Kind: KindSent}
		if i%10 == 0 {
			e.Kind = KindNote
		}
		rec.Add(e)
	}
	tr := rec.Trace(&Scenario{}, "sim", "test")
	if n := len(tr.Events); n != (2*most+9)/10 {
		t.Errorf("%d events are kept, want the %d notes", n, (2*most+9)/10)
	}
	for i, e := range tr.Events {
		if e.Kind != KindNote || e.Seq != uint64(10*i+1) {
			t.Fatalf("event %d is %v number %d", i, e.Kind, e.Seq)
		}
	}
	if !tr.Lacks(HighRate) || tr.Lacks(Kinds(KindNote)) {
		t.Errorf("the trace says it is without %v", tr.Without)
	}
}
