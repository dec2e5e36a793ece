package sim

import (
	"testing"
	"time"
)

func TestTimes(t *testing.T) {
	ts := TimesOf([]time.Duration{40, 10, 30, 20})
	for p, want := range map[float64]time.Duration{0.01: 10, 0.25: 10, 0.26: 20, 0.5: 20, 0.99: 40, 1: 40} {
		if got := ts.Quantile(p); got != want {
			t.Errorf("quantile %v is %v, want %v", p, got, want)
		}
	}
	if none := (Times)(nil); none.Quantile(0.5) != 0 {
		t.Error("no times have a time")
	}
}
