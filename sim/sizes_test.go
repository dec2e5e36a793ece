package sim

import (
	"testing"
	"time"
)

func TestSizes(t *testing.T) {
	for _, tt := range []struct {
		text, want string // want is of an error, or empty
		lo, hi     Size
		mean       Size
	}{
		{"256B", "", 256, 256, 256},
		{"64B..4KiB", "", 64, 4096, 2080},
		{"p50 256B p99 64KiB", "", 1, 1 << 20, 3600},
		{"p50 256B p90 1KiB p99 64KiB max 128KiB", "", 1, 128 << 10, 2400},
		{text: "large", want: `"large": ` + errSizes.Error()},
		{text: "4KiB..64B", want: `"4KiB..64B": the range ends before it begins`},
		{text: "p50 1KiB p99 64B", want: `"p50 1KiB p99 64B": shares must rise from above p0, sizes must be above 0 and not fall`},
	} {
		var s Sizes
		err := s.UnmarshalText([]byte(tt.text))
		if tt.want != "" {
			if err == nil || err.Error() != tt.want {
				t.Errorf("%s: %v, want %s", tt.text, err, tt.want)
			}
			continue
		}
		if err != nil || s.String() != tt.text {
			t.Errorf("%s: %v, %v", tt.text, s, err)
		}
		for i := range uint64(1000) {
			n := s.Of(7, i)
			if n < tt.lo || n > tt.hi || n > s.largest() || n != s.Of(7, i) {
				t.Errorf("%s: value %d has %v", tt.text, i, n)
			}
		}
		if got := s.Mean(); got < tt.mean/2 || got > 2*tt.mean {
			t.Errorf("%s: the mean is %d, want about %d", tt.text, got, tt.mean)
		}
	}
}

// TestBurstsAgainstCounting holds the moments of operations against a clock that is asked each millisecond.
func TestBurstsAgainstCounting(t *testing.T) {
	for _, text := range []string{"100/s with 1000/s for 1s every 10s", "0/s with 500/s for 200ms every 2s",
		"7/s with 333/s for 50ms every 130ms", "3/s with 5/s for 100ms every 150ms"} {
		p, err := ParsePace(text)
		if err != nil || p.String() != text {
			t.Fatalf("%s: %v, %v", text, p, err)
		}
		last := time.Duration(-1)
		var inBurst, quiet int64
		periods := int64(5)
		for n := int64(0); ; n++ {
			due, more := p.Due(n)
			if !more || due <= last && n > 0 {
				t.Fatalf("%s: operation %d is due at %v, after %v", text, n, due, last)
			}
			if last = due; due >= time.Duration(periods)*p.Bursts.Every {
				break
			}
			if due%p.Bursts.Every >= p.Bursts.Every-p.Bursts.For {
				inBurst++
			} else {
				quiet++
			}
		}
		wantBurst, wantQuiet := int64(0), int64(0)
		for at := time.Duration(0); at < p.Bursts.For; at += time.Second / time.Duration(p.Bursts.Rate) {
			wantBurst++
		}
		for at := time.Duration(0); p.Rate > 0 && at < p.Bursts.Every-p.Bursts.For; {
			wantQuiet++
			at += time.Second / time.Duration(p.Rate)
		}
		if diff := inBurst - periods*wantBurst; diff < -periods || diff > periods {
			t.Errorf("%s: %d operations in bursts, want %d", text, inBurst, periods*wantBurst)
		}
		if diff := quiet - periods*wantQuiet; diff < -periods || diff > periods {
			t.Errorf("%s: %d operations between them, want %d", text, quiet, periods*wantQuiet)
		}
	}
	for text, want := range map[string]string{
		"100/s with 1000/s for 1s": `"with 1000/s for 1s" are no bursts: write how many, for how long and how often, ` +
			`like "with 2000/s for 1s every 10s"`,
		"100/s with 50/s for 1s every 10s":   "a burst of 50/s is no more than the rate of 100/s",
		"100/s with 500/s for 10s every 10s": "with a burst of 10s every 10s there is nothing between two bursts",
		"100/s with 500/s for 0s every 10s":  "a burst lasts longer than 0",
	} {
		if _, err := ParsePace(text); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}
