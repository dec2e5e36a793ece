package sweep_test

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"quorumlab/sim"
	"quorumlab/sim/sweep"
)

// design is a small sweep of two axes.
func design(trials, shard, shards int) *sweep.Design {
	axes := []sim.SweepAxis{
		{Name: "size", Points: []sim.Point{{Name: "three", Set: []string{"cluster.members=3"}},
			{Name: "five", Set: []string{"cluster.members=5"}, Trials: 2}}},
		{Name: "pre-vote", Points: []sim.Point{{Name: "on"}, {Name: "off", Set: []string{"cluster.pre-vote=false"}},
			{Name: "odd"}}},
	}
	return &sweep.Design{Format: sweep.Format, Scenario: "s", Load: "s", Sets: []string{"run=5s"}, Seed: 7,
		Measures: []sim.Reading{{Measure: "failover", In: sim.Millis},
			{Measure: "failover", Op: ">", Value: 0.5, In: sim.Millis}},
		Axes: axes, Variations: sweep.Cross(axes, trials), Shard: shard, Shards: shards}
}

func TestCross(t *testing.T) {
	p := design(10, 1, 1)
	var names []string
	for _, v := range p.Variations {
		names = append(names, v.Name)
	}
	want := []string{"three, on", "three, off", "three, odd", "five, on", "five, off", "five, odd"}
	if !slices.Equal(names, want) {
		t.Errorf("variations are %q", names)
	}
	if p.Variations[0].Trials != 10 || p.Variations[4].Trials != 2 {
		t.Error("a point's own number of trials does not hold")
	}
	const replay = "quorumlab run s --engine sim --seed 8 --set run=5s --set cluster.members=5 " +
		"--set cluster.pre-vote=false"
	if got, want := p.Replay(sweep.Trial{Variation: 4, Number: 1}), replay; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if one := sweep.Cross(nil, 3); len(one) != 1 || one[0].Trials != 3 {
		t.Errorf("without axes there is %+v", one)
	}
}

// Every trial belongs to one shard, at a place of its own.
func TestShardsShareTheTrials(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		trials, shards := rapid.IntRange(1, 40).Draw(t, "trials"), rapid.IntRange(1, 9).Draw(t, "shards")
		seen := map[sweep.Trial]int{}
		for i := range shards {
			p := design(trials, i+1, shards)
			for place := range p.Own() {
				seen[p.Trial(place)]++
			}
		}
		if len(seen) != design(trials, 1, 1).Total() {
			t.Fatalf("%d trials are in a shard, of %d", len(seen), design(trials, 1, 1).Total())
		}
		for tr, n := range seen {
			if n != 1 {
				t.Fatalf("%+v is in %d shards", tr, n)
			}
		}
	})
}

func TestParseAxis(t *testing.T) {
	a, err := sweep.ParseAxis("cluster.network={latency: 1ms, loss: 5%},{latency: 2ms}")
	if err != nil || len(a.Points) != 2 || a.Points[1].Set[0] != "cluster.network={latency: 2ms}" {
		t.Errorf("%+v, %v", a, err)
	}
	for _, bad := range []string{"", "cluster.members", "cluster.members=", "a=1,,2", "a=1,1"} {
		if _, err := sweep.ParseAxis(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

// fill writes a record for each trial.
func fill(p *sweep.Design, value func(i int) float64) sweep.Records {
	var b []byte
	code := p.Encoder()
	for i := range p.Own() {
		v := value(i)
		b = code.Append(b, i, sweep.Record{Values: []float64{v, p.Measures[1].Of(v)}, Failed: i%7 == 3})
	}
	return sweep.NewRecords(p, bytes.NewReader(b))
}

// The quantiles are those of sorting all values, also where they are found by digits.
func TestQuantilesAreThoseOfSorting(t *testing.T) {
	for _, n := range []int{1, 2, 10, 1000, 70_000} {
		r := sim.Stream(uint64(n), "values")
		vs := make([]float64, n)
		for i := range vs {
			vs[i] = math.Exp(r.NormFloat64()) - 1
			if i%3 == 0 {
				vs[i] = math.Round(vs[i])
			}
		}
		p := design(n, 1, 1)
		p.Axes, p.Variations = nil, sweep.Cross(nil, n)
		res, err := sweep.Sum(fill(p, func(i int) float64 { return vs[i] }), "")
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(vs)
		d := res.Variations[0].Measures[0]
		rank := func(q float64) float64 { return vs[max(0, int(math.Ceil(q*float64(n)-1e-9))-1)] }
		if d.N != n || d.Min != vs[0] || d.Max != vs[n-1] || d.P10 != rank(0.1) || d.P50 != rank(0.5) ||
			d.P90 != rank(0.9) || d.P99 != rank(0.99) {
			t.Errorf("%d values: %+v", n, d)
		}
		if last := d.Curve[len(d.Curve)-1]; last.Share != 1 || last.Value != vs[n-1] {
			t.Errorf("%d values: the curve ends at %+v", n, last)
		}
	}
}

func TestDigitsAgainstSorting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		vs := rapid.SliceOfN(rapid.Float64(), 1, 200).Draw(t, "values")
		ranks := rapid.SliceOf(rapid.IntRange(0, len(vs)-1)).Draw(t, "ranks")
		got, err := sweep.SelectByDigits(func(yield func(float64)) error {
			for _, v := range vs {
				yield(v)
			}
			return nil
		}, ranks)
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(vs)
		for i, r := range ranks {
			if got[i] != vs[r] {
				t.Fatalf("rank %d is %v, want %v", r, got[i], vs[r])
			}
		}
	})
}

// A measure that ends the runs counts as beyond all others where it is missing; any
// other is left out.
func TestMissingValues(t *testing.T) {
	p := design(100, 1, 1)
	p.Axes, p.Variations = nil, sweep.Cross(nil, 100)
	rs := fill(p, func(i int) float64 {
		if i >= 80 {
			return math.NaN()
		}
		return float64(i)
	})
	beyond, err := sweep.Sum(rs, "failover")
	if err != nil {
		t.Fatal(err)
	}
	without, err := sweep.Sum(rs, "")
	if err != nil {
		t.Fatal(err)
	}
	a, b := beyond.Variations[0].Measures[0], without.Variations[0].Measures[0]
	if a.N != 100 || a.P50 != 49 || !math.IsNaN(a.P90) || !math.IsNaN(a.Max) || !math.IsNaN(a.Mean) ||
		a.Curve[len(a.Curve)-1].Share != 0.8 {
		t.Errorf("beyond the run: %+v", a)
	}
	if b.N != 80 || b.P50 != 39 || b.P90 != 71 || b.Max != 79 {
		t.Errorf("left out: %+v", b)
	}
	if f := beyond.Variations[0]; f.Failed != 14 || len(f.Failing) != sweep.MostFailing || f.Failing[0].Number != 3 {
		t.Errorf("%d failed, %v are kept", f.Failed, f.Failing)
	}
}

// A record that was not written to its end does not count.
func TestHalfARecord(t *testing.T) {
	p := design(4, 1, 1)
	b := p.Encoder().Append(nil, 0, sweep.Record{Values: []float64{1, 2}})
	b = append(b, b[:p.RecordSize()-1]...)
	n, err := sweep.NewRecords(p, bytes.NewReader(b)).Missing()
	if err != nil || n != p.Own()-1 {
		t.Errorf("%d of %d are missing, %v", n, p.Own(), err)
	}
}

// The intervals hold what they promise: over many samples they miss the true value in
// one of twenty at most.
func TestIntervalsCover(t *testing.T) {
	const samples, n = 2000, 60
	r := sim.Stream(1, "coverage")
	for _, q := range []float64{0.1, 0.5, 0.9} {
		missed := 0
		lo, hi := sweep.QuantileInterval(q, n)
		for range samples {
			vs := make([]float64, n)
			for i := range vs {
				vs[i] = r.Float64()
			}
			slices.Sort(vs)
			if lo >= 0 && vs[lo] > q || hi < n && vs[hi] < q {
				missed++
			}
		}
		atMost(t, "quantile", q, missed, samples)
	}
	for _, p := range []float64{0.01, 0.3, 0.95} {
		missed := 0
		for range samples {
			if lo, hi := sweep.ShareInterval(hits(r, p, n), n); p < lo || p > hi {
				missed++
			}
		}
		atMost(t, "share", p, missed, samples)
	}
}

func hits(r *rand.Rand, p float64, n int) (k int) {
	for range n {
		if r.Float64() < p {
			k++
		}
	}
	return k
}

// atMost allows three standard deviations above 5%.
func atMost(t *testing.T, what string, of float64, missed, samples int) {
	t.Helper()
	if share := float64(missed) / float64(samples); share > 0.065 {
		t.Errorf("the interval of the %s %v misses in %.1f%% of samples", what, of, 100*share)
	}
}

// Known intervals: Clopper and Pearson for 0 and for 5 of 10; the median of 10 values.
func TestIntervalsKnown(t *testing.T) {
	if lo, hi := sweep.ShareInterval(0, 10); lo != 0 || math.Abs(hi-0.3085) > 1e-4 {
		t.Errorf("0 of 10: %v to %v", lo, hi)
	}
	if lo, hi := sweep.ShareInterval(5, 10); math.Abs(lo-0.1871) > 1e-4 || math.Abs(hi-0.8129) > 1e-4 {
		t.Errorf("5 of 10: %v to %v", lo, hi)
	}
	if lo, hi := sweep.QuantileInterval(0.5, 10); lo != 1 || hi != 8 { // the second and the ninth value
		t.Errorf("the median of 10 lies between ranks %d and %d", lo, hi)
	}
	if lo, hi := sweep.QuantileInterval(0.99, 10); lo < 0 || hi != 10 {
		t.Errorf("the 99%% of 10: %d and %d", lo, hi)
	}
}
