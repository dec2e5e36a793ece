package scenarios_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/script"
)

// Whatever is read, is written and read again as the same; whatever is refused, is
// refused with places that exist.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"*.yaml", "testdata/*.yaml", "testdata/bad/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, path := range files {
			text, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := scenarios.Parse("fuzz.yaml", text)
		if err == nil {
			roundTrip(t, s)
			return
		}
		var bad *scenarios.Error
		if !errors.As(err, &bad) || len(bad.Problems) == 0 {
			t.Fatalf("%T without problems: %v", err, err)
		}
		for _, p := range bad.Problems {
			if p.Line < 1 || p.Column < 1 || p.Column > utf8.RuneCountInString(p.Text)+1 {
				t.Errorf("no such place: %d:%d in %q: %v", p.Line, p.Column, p.Text, p.Err)
			}
		}
		_ = err.Error() // must not panic
	})
}

func FuzzSet(f *testing.F) {
	for _, s := range []string{"cluster.members=3", "steps[0].do=heal", "steps[7]={}", "workload.mix={put: 1}",
		"cluster.links=[]", "=", "a.b[1].c=|"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, set string) {
		s, err := scenarios.ParseWith("fuzz.yaml", []byte("steps: [{at: 1s, do: crash leader}]\nrun: 5s\n"), []string{set})
		if err == nil {
			roundTrip(t, s)
		} else if err.Error() == "" {
			t.Error("an error without words")
		}
	})
}

func FuzzStatement(f *testing.F) {
	for _, v := range script.Verbs() {
		f.Add(v.Example)
		f.Add(v.Usage())
	}
	f.Add("delay n1 n2 -> rest p50 2ms p99 8ms")
	f.Add("partition zone a random 2 | rest | crashed")
	f.Fuzz(func(t *testing.T, text string) {
		st, err := script.Parse(text)
		if err != nil {
			placed(t, text, err)
			return
		}
		again, err := script.Parse(st.String())
		if err != nil {
			t.Fatalf("%q is written %q: %v", text, st, err)
		}
		if got := again.String(); got != st.String() {
			t.Errorf("%q is written %q and then %q", text, st, got)
		}
	})
}

func FuzzExpectation(f *testing.F) {
	for _, s := range []string{"linearizable", "not safety", "writes.lost == 0", "leaderless.longest[20s..30s] <= 3s",
		"throughput[5s..] >= 100/s", "writes.ok != 1000000"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := check.ParseExpectation(text)
		if err != nil {
			placed(t, text, err)
			return
		}
		again, err := check.ParseExpectation(e.String())
		if err != nil || again != e {
			t.Errorf("%q is %+v, but its text %q is %+v (%v)", text, e, e, again, err)
		}
	})
}

func FuzzLaw(f *testing.F) {
	for _, s := range []string{"5ms", "2ms..5ms", "p50 2ms p99 8ms", "0", "1h2m3.5s..2540400h10m10s"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l, err := sim.ParseDistribution(text)
		if err != nil {
			return
		}
		again, err := sim.ParseDistribution(l.String())
		if err != nil || again != l {
			t.Errorf("%q is %+v, but its text %q is %+v (%v)", text, l, l, again, err)
		}
		r := sim.Stream(1, text)
		for range 10 {
			if d := l.Draw(r); d < 0 {
				t.Fatalf("%q draws %v", text, d)
			}
		}
	})
}

// placed holds an error to a place in the text.
func placed(t *testing.T, text string, err error) {
	var at *sim.SyntaxError
	if !errors.As(err, &at) {
		t.Fatalf("%q: %T is no SyntaxError: %v", text, err, err)
	}
	if at.Offset < 0 || at.Offset > len(text) {
		t.Errorf("%q: offset %d: %v", text, at.Offset, err)
	}
}
