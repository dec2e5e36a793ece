package sim

import (
	"fmt"
	"slices"
	"time"

	"quorumlab/internal/stats"
)

// Times are how long something took, time after time, in ascending order: what was measured, as it
// was. A distribution through two of its quantiles would not know of the rare and long ones, and on a disk
// that others use, too, these are what the slowest operations wait for.
type Times []time.Duration

// TimesOf sorts what was measured.
func TimesOf(ds []time.Duration) Times {
	ts := slices.Clone(ds)
	slices.Sort(ts)
	return ts
}

// Quantile is the nearest-rank quantile, 0 < p <= 1; 0 when there is none.
func (ts Times) Quantile(p float64) time.Duration {
	return stats.Quantile(ts, p)
}

// String says it in three quantiles.
func (ts Times) String() string {
	q := func(p float64) string { return FormatDuration(ts.Quantile(p).Round(time.Microsecond)) }
	return fmt.Sprintf("p50 %s p99 %s p99.9 %s", q(0.5), q(0.99), q(0.999))
}
