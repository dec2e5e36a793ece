package sim

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"
)

// smallTrace has an event of the kinds that carry text.
func smallTrace() *Trace {
	s := &Scenario{Name: "small", Seed: 3, Run: time.Second, Cluster: ClusterSpec{Election: Fixed(time.Second),
		Members: []MemberSpec{{Name: "n1", Role: Follower}, {Name: "n2", Role: Learner}}}}
	s.Steps = []Step{{At: time.Millisecond, Do: Statement{Verb: "partition n1 | n2"}}}
	rec := NewRecorder(AllKinds)
	rec.Add(Event{Kind: KindStarted, Member: 1})
	rec.Add(Event{At: 5, Kind: KindState, Member: 1, Role: Leader, Term: 2, Peer: 1})
	rec.Add(Event{At: 6, Kind: KindFaultBegun, ID: 1, Note: "partition n1 | n2"})
	rec.Add(Event{At: 7, Kind: KindCall, Client: 1, ID: 1, Op: OpPut, Key: "k<1>", Value: 1})
	return rec.Trace(s, "sim", "test")
}

// bare is a language without words of its own.
var bare = Language{
	Statement:   func(s string) (Statement, error) { return Statement{Verb: s}, nil },
	Expectation: func(s string) (Expectation, error) { return Expectation{Check: s}, nil },
}

func written(t testing.TB, tr *Trace) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := tr.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTraceComesBack(t *testing.T) {
	tr := smallTrace()
	text := written(t, tr)
	back, err := ReadTrace(bytes.NewReader(text), bare)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(back.Events, tr.Events) {
		t.Errorf("events %+v", back.Events)
	}
	if got := written(t, back); !bytes.Equal(got, text) {
		t.Errorf("got:\n%s\nwant:\n%s", got, text)
	}
}

func TestTraceErrorsNameTheLine(t *testing.T) {
	text := string(written(t, smallTrace()))
	lines := strings.SplitAfter(text, "\n")
	for _, tt := range []struct{ name, text, want string }{
		{"empty", "", "line 1: the trace is empty"},
		{"not JSON", "hello\n", "line 1: not a trace header"},
		{"a later format", strings.Replace(text, `"format":1`, `"format":99`, 1), "line 1: trace format 99 is not known here; this version reads format 1"},
		{"cut short", text[:len(text)-5], "line 5: the line is cut short"},
		{"unknown kind", strings.Replace(text, `"kind":"state"`, `"kind":"statue"`, 1), `line 3: unknown event kind "statue"`},
		{"unknown field", strings.Replace(text, `"peer"`, `"pear"`, 1), `line 3: json: unknown field "pear"`},
		{"out of order", lines[0] + lines[2] + lines[1], "line 3: event 1 comes after event 2"},
		{"two on a line", lines[0] + strings.TrimSuffix(lines[1], "\n") + lines[2], "line 2: more than one value on the line"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ReadTrace(strings.NewReader(tt.text), bare)
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("error %v, want %s", err, tt.want)
			}
		})
	}
}

func TestRecorderShowsObserversWhatItDoesNotKeep(t *testing.T) {
	seen := &countKinds{}
	rec := NewRecorder(AllKinds&^HighRate, seen)
	rec.Add(Event{Kind: KindSent})
	rec.Add(Event{Kind: KindStarted})
	tr := rec.Trace(&Scenario{}, "sim", "test")
	if len(seen.kinds) != 2 || len(tr.Events) != 1 || tr.Events[0].Seq != 2 {
		t.Errorf("seen %v, kept %+v", seen.kinds, tr.Events)
	}
	if !tr.Lacks(Kinds(KindSent)) || tr.Lacks(Kinds(KindStarted)) {
		t.Errorf("without %v", tr.Without)
	}
}

type countKinds struct{ kinds []Kind }

func (c *countKinds) Observe(e *Event) { c.kinds = append(c.kinds, e.Kind) }

// FuzzReadTrace: no input panics, and what can be read comes back from what it is
// written as.
func FuzzReadTrace(f *testing.F) {
	f.Add(written(f, smallTrace()))
	f.Add([]byte("{\"format\":1}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		tr, err := ReadTrace(bytes.NewReader(text), bare)
		if err != nil {
			return
		}
		again := written(t, tr)
		back, err := ReadTrace(bytes.NewReader(again), bare)
		if err != nil {
			t.Fatalf("%v in\n%s", err, again)
		}
		if !slices.Equal(back.Events, tr.Events) {
			t.Fatal("other events come back")
		}
	})
}

func BenchmarkTraceWrite(b *testing.B) {
	tr := smallTrace()
	for range 14 {
		tr.Events = append(tr.Events, tr.Events...)
	}
	for b.Loop() {
		if err := tr.Write(discard{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(tr.Events)), "ns/event")
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// choosy takes down the numbers of the events that it is shown.
type choosy struct {
	kinds KindSet
	seen  []uint64
}

func (c *choosy) Kinds() KindSet   { return c.kinds }
func (c *choosy) Observe(e *Event) { c.seen = append(c.seen, e.Seq) }

func TestRecorderShowsWhatIsRead(t *testing.T) {
	c := &choosy{kinds: Kinds(KindState, KindNote)}
	rec := NewRecorder(Kinds(KindNote, KindCrashed), c)
	for _, k := range []Kind{KindSent, KindState, KindCrashed, KindNote, KindSent} {
		if left := rec.Skip(k); left != (k == KindSent) {
			t.Errorf("an event of kind %v is left out: %v", k, left)
		} else if !left {
			rec.Add(Event{Kind: k})
		}
	}
	rec.Add(Event{Kind: KindSent})
	var kept []uint64
	for _, e := range rec.Trace(&Scenario{}, "sim", "test").Events {
		kept = append(kept, e.Seq)
	}
	if !slices.Equal(c.seen, []uint64{2, 4}) || !slices.Equal(kept, []uint64{3, 4}) || rec.Len() != 6 {
		t.Errorf("the observer saw %v and %v are kept of %d events, want 2 and 4, 3 and 4, of 6", c.seen, kept, rec.Len())
	}
}
