package sim

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// randomEvent sets some fields, among them the largest values that there are.
func randomEvent(r *rand.Rand) (e Event) {
	v := reflect.ValueOf(&e).Elem()
	for i := range v.NumField() {
		f := v.Field(i)
		if r.IntN(2) == 0 {
			continue
		}
		n := r.Uint64() >> r.IntN(64)
		switch f.Kind() {
		case reflect.Bool:
			f.SetBool(true)
		case reflect.String:
			f.SetString(strings.Repeat("ab", int(n%1500)) + string(rune('a'+n%26)))
		case reflect.Int64:
			f.SetInt(int64(n >> 1))
		default:
			f.SetUint(n & (1<<f.Type().Bits() - 1))
		}
	}
	e.Kind %= kinds
	return e
}

// TestTapeKeepsEveryField: each field of an event comes back, alone and beside others, also when their times go back.
func TestTapeKeepsEveryField(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var want []Event
	for i := range reflect.TypeFor[Event]().NumField() {
		var e Event
		for reflect.ValueOf(e).Field(i).IsZero() {
			all := randomEvent(r)
			reflect.ValueOf(&e).Elem().Field(i).Set(reflect.ValueOf(all).Field(i))
		}
		want = append(want, e)
	}
	for range 5000 {
		want = append(want, randomEvent(r))
	}
	var tp tape
	for i := range want {
		tp.add(&want[i])
	}
	i := 0
	for e := range tp.all(AllKinds | Kinds(KindNone)) {
		if *e != want[i] {
			t.Fatalf("event %d is %+v, want %+v", i, *e, want[i])
		}
		i++
	}
	if i != len(want) || tp.events != i || tp.err() != nil {
		t.Errorf("%d of %d events come back, of %d; %v", i, len(want), tp.events, tp.err())
	}
}

// twins are a trace that is streamed and one that is all in memory, of the same events.
func twins(t testing.TB, keep KindSet, events int) (streamed, whole *Trace) {
	t.Helper()
	recorders := []*Recorder{NewRecorder(keep), NewRecorder(keep)}
	recorders[0].Stream()
	r := rand.New(rand.NewPCG(5, 6))
	var at time.Duration
	for range events {
		e := randomEvent(r)
		at += time.Duration(r.IntN(1e9))
		e.Kind, e.Seq, e.At = 1+Kind(r.IntN(int(kinds)-1)), 0, at
		for _, rec := range recorders {
			rec.Add(e)
		}
	}
	s := smallTrace().Scenario
	return recorders[0].Trace(&s, "sim", "test"), recorders[1].Trace(&s, "sim", "test")
}

// TestStreamedTrace: what is asked of a streamed trace comes out as of one in memory; so does what is written.
func TestStreamedTrace(t *testing.T) {
	for _, c := range []struct {
		name   string
		keep   KindSet
		events int
	}{
		{"none", AllKinds, 0},
		{"few", AllKinds, 3000},
		{"many", AllKinds, 18_000},
		{"without messages", AllKinds &^ Kinds(KindSent), 3000},
		{"without all that are many", AllKinds &^ HighRate, 3000},
	} {
		t.Run(c.name, func(t *testing.T) {
			streamed, whole := twins(t, c.keep, c.events)
			defer streamed.Close()
			for i := range streamed.Events {
				if HighRate.Has(streamed.Events[i].Kind) {
					t.Fatal("an event of a kind that is many is in memory")
				}
			}
			for _, kinds := range []KindSet{AllKinds, HighRate, AllKinds &^ HighRate, Kinds(KindState, KindSent), 0} {
				if got, want := copied(streamed, kinds), copied(whole, kinds); !slices.Equal(got, want) {
					t.Errorf("of kinds %b there are %d events, want %d", kinds, len(got), len(want))
				}
			}
			seq, at := streamed.Last()
			wantSeq, wantAt := whole.Last()
			if streamed.Len() != whole.Len() || seq != wantSeq || at != wantAt || streamed.End() != whole.End() {
				t.Errorf("%d events, the last is %d at %v, the end at %v; want %d, %d, %v, %v", streamed.Len(), seq, at,
					streamed.End(), whole.Len(), wantSeq, wantAt, whole.End())
			}
			for _, seq := range []uint64{0, 1, uint64(c.events / 3), uint64(c.events), uint64(c.events + 1)} {
				got, ok := streamed.Numbered(seq)
				want, there := whole.Numbered(seq)
				if got != want || ok != there || ok && got.Seq != seq {
					t.Errorf("event %d is %+v, %t; want %+v, %t", seq, got, ok, want, there)
				}
			}
			if !bytes.Equal(written(t, streamed), written(t, whole)) {
				t.Error("it is written as other bytes")
			}
			n, first := streamed.Missing()
			wantN, wantFirst := whole.Missing()
			if n != wantN || first != wantFirst || streamed.Err() != nil {
				t.Errorf("%d are missing from %d on, %v; want %d from %d on", n, first, streamed.Err(), wantN, wantFirst)
			}
			if err := streamed.Close(); err != nil || streamed.Close() != nil || len(copied(streamed, AllKinds)) > 0 {
				t.Errorf("closed: %v", err)
			}
		})
	}
}

func copied(t *Trace, kinds KindSet) (es []Event) {
	for e := range t.All(kinds) {
		es = append(es, *e)
	}
	return es
}

// TestTraceWithoutRoom: events that can't be kept are an error of the trace and of writing it, streamed or not.
func TestTraceWithoutRoom(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir()+"/none")
	t.Setenv("TMP", t.TempDir()+"/none")
	for _, tr := range func() []*Trace { s, w := twins(t, AllKinds, 18_000); return []*Trace{s, w} }() {
		if tr.Err() == nil || tr.Write(discard{}) == nil {
			t.Errorf("no error, although there are %d events", tr.Len())
		}
	}
}

// BenchmarkRecorder is what it costs to keep the events of a message, and to read them again.
func BenchmarkRecorder(b *testing.B) {
	const messages = 50_000
	record := func() *Trace {
		rec := NewRecorder(AllKinds)
		rec.Stream()
		for i := range messages {
			e := Event{At: time.Duration(i) * time.Millisecond, Kind: KindSent, Member: 1, Peer: 2, Msg: MsgApp, ID: uint64(i),
				Term: 3, Index: uint64(i), LogTerm: 3, Commit: uint64(i), Count: 1}
			rec.Add(e)
			e.At, e.Kind = e.At+time.Microsecond, KindDelivered
			rec.Add(e)
		}
		return rec.Trace(&smallTrace().Scenario, "sim", "test")
	}
	b.Run("add", func(b *testing.B) {
		for b.Loop() {
			if err := record().Close(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(2*messages), "ns/event")
	})
	b.Run("read", func(b *testing.B) {
		t := record()
		defer t.Close()
		for b.Loop() {
			for range t.All(AllKinds) {
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(t.Len()), "ns/event")
	})
}
