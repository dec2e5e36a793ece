package sim

import (
	"math"
	"strings"
	"testing"
)

// TestSkewIsZipfs: each of the first keys gets its share by Zipf's law, and all keys together everything.
func TestSkewIsZipfs(t *testing.T) {
	for _, skew := range []Skew{0, 50, 99, 200} {
		const keys, draws = 1000, 200_000
		w := Workload{Keys: keys, Habits: Habits{Skew: skew}}
		d, r := w.KeyDraw(), Stream(1, "test")
		var got [keys]int
		for range draws {
			got[d.Draw(r)]++
		}
		whole := 0.0
		for i := 1; i <= keys; i++ {
			whole += math.Pow(float64(i), -float64(skew)/100)
		}
		for _, i := range []int{1, 2, 3, 10, 100} {
			share := math.Pow(float64(i), -float64(skew)/100) / whole
			if want, dev := draws*share, math.Sqrt(draws*share*(1-share)); math.Abs(float64(got[i-1])-want) > 5*dev {
				t.Errorf("skew %d: key %d was drawn %d times, not %.0f±%.0f", skew, i, got[i-1], want, dev)
			}
		}
	}
	// A million keys at the greatest skew: the last has a weight, too.
	w := Workload{Keys: 1_000_000, Habits: Habits{Skew: maxSkew}}
	if d := w.KeyDraw(); d.sums[len(d.sums)-1] == d.sums[len(d.sums)-2] {
		t.Error("the last key is never drawn")
	}
}

func TestSkewText(t *testing.T) {
	for _, text := range []string{"0", "0.5", "0.99", "1", "2"} {
		var s Skew
		if err := s.UnmarshalText([]byte(text)); err != nil {
			t.Error(err)
		}
		if back, _ := s.MarshalText(); string(back) != text {
			t.Errorf("%s became %s", text, back)
		}
	}
	for _, text := range []string{"", "much", "-1", "2.01", "0.999", "NaN", "Inf"} {
		var s Skew
		if err := s.UnmarshalText([]byte(text)); err == nil || !strings.Contains(err.Error(), "is not a skew") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
