package sim

import (
	"testing"
	"time"
)

func TestRecording(t *testing.T) {
	const us = time.Microsecond
	r := NewRecording(100*us,
		[]Took{{60 * us, 3 * us}, {10 * us, us}, {20 * us, 90 * us}},
		nil, // nothing was done
		[]Took{{50 * us, 7 * us}})
	for _, c := range []struct {
		lane int
		at   time.Duration
		want time.Duration
	}{
		{0, 0, 1}, {0, 15, 1}, {0, 16, 90}, {0, 40, 90}, {0, 41, 3}, {0, 99, 3},
		{0, 100, 1}, {0, 316, 90}, // it begins again
		{1, 0, 7}, {1, 99, 7},
		{2, 20, 90}, {3, 20, 7}, // and so do the lanes
	} {
		if got := r.At(c.lane, c.at*us); got != c.want*us {
			t.Errorf("lane %d at %v took %v, want %v", c.lane, c.at*us, got, c.want*us)
		}
	}
	if got, want := r.String(), "p50 3us p99 90us p99.9 90us"; got != want || r.Quantile(0.5) != 3*us {
		t.Errorf("it says %q, want %q; the median is %v", got, want, r.Quantile(0.5))
	}
	var none Recording
	if !none.IsZero() || none.At(1, 5) != 0 || none.Quantile(0.5) != 0 || !NewRecording(7, nil).IsZero() {
		t.Error("what was never recorded took time")
	}
}
