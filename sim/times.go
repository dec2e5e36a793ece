package sim

import (
	"fmt"
	"slices"
	"time"

	"quorumlab/internal/stats"
)

// Times are measured durations of one thing, in ascending order, exactly as measured. A
// distribution through two of their quantiles would miss the rare long ones, and on a disk
// that is shared with others these are what the slowest operations wait for.
type Times []time.Duration

// TimesOf sorts what was measured.
func TimesOf(ds []time.Duration) Times {
	ts := slices.Clone(ds)
	slices.Sort(ts)
	return ts
}

// Quantile is the nearest-rank quantile, 0 < p <= 1; 0 when there are no times.
func (ts Times) Quantile(p float64) time.Duration {
	return stats.Quantile(ts, p)
}

// String shows three quantiles.
func (ts Times) String() string {
	q := func(p float64) string { return FormatDuration(ts.Quantile(p).Round(time.Microsecond)) }
	return fmt.Sprintf("p50 %s p99 %s p99.9 %s", q(0.5), q(0.99), q(0.999))
}
