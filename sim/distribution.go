package sim

import (
	"errors"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"strings"
	"time"
)

// Distribution is the distribution of a time: a fixed value ("5ms"), a uniform range
// ("2ms..5ms"), or the quantiles that someone measured ("p50 2ms p99 8ms"; in
// YAML also {p50: 2ms, p99: 8ms}), drawn as a log-normal through both and cut off
// at its 99.95th percentile. Others and more of them, with the largest value if it is known ("p50 2ms p95 8ms
// p99.9 1s max 3s"), are drawn as pieces of log-normals from one to the next, and the last goes on to the
// largest value or the 99.99th percentile. The zero value is always 0.
type Distribution struct {
	Lo, Hi time.Duration // fixed or uniform, when Hi > 0
	P50    time.Duration // quantiles, when P99 > 0
	P99    time.Duration
	More   knots // others than these two, and more; Quantiles makes them
}

// Fixed is the distribution of a time that is always d.
func Fixed(d time.Duration) Distribution { return Distribution{Lo: d, Hi: d} }

// IsZero reports whether the time is always 0.
func (l Distribution) IsZero() bool { return l == Distribution{} }

// Mean is the middle of the distribution: the value, the middle of the range, the median.
func (l Distribution) Mean() time.Duration {
	switch {
	case l.P99 > 0:
		return l.P50
	case l.More != "":
		return l.More.valueAt(0)
	}
	return (l.Lo + l.Hi) / 2
}

// Draw draws one time.
func (l Distribution) Draw(r *rand.Rand) time.Duration {
	switch {
	case l.P99 > 0:
		return l.quantile(r.Uint64())
	case l.More != "":
		return l.More.quantile(r.Uint64())
	case l.Lo == l.Hi:
		return l.Lo
	}
	return l.Lo + time.Duration(Below(r, int64(l.Hi-l.Lo)+1))
}

// normal holds z(p)/z(0.99) of the standard normal distribution in 1/4096 at
// p = 0.5 + i/128 for i = 0..63, then p = 0.9995. The lower half mirrors it.
var normal = [65]int32{
	0, 34, 69, 103, 138, 173, 207, 242, 277, 312, 347, 382, 418, 453, 489, 525,
	561, 597, 634, 671, 708, 746, 784, 822, 861, 900, 939, 979, 1020, 1061, 1102, 1145,
	1188, 1231, 1276, 1321, 1367, 1414, 1462, 1512, 1562, 1614, 1667, 1722, 1778, 1837, 1897, 1960,
	2025, 2094, 2165, 2241, 2321, 2405, 2496, 2594, 2701, 2819, 2951, 3102, 3280, 3499, 3792, 4257, 5794}

// quantile maps a uniform 64-bit u to a time by integers alone: the table gives
// a power of p99/p50, and exp2 and log2 raise to it in fixed point.
func (l Distribution) quantile(u uint64) time.Duration {
	if l.P50 <= 0 {
		return 0
	}
	up := u>>63 == 1
	u <<= 1
	i := u >> 58
	a, b := int64(normal[i]), int64(normal[i+1])
	f, _ := bits.Mul64(u<<6, uint64(b-a)<<16) // of the step, in 1/65536
	z := a<<16 + int64(f)                     // in 1/2^28
	e := z * (log2(uint64(l.P99)) - log2(uint64(l.P50))) >> 28
	x := log2(uint64(l.P50))
	if up {
		return time.Duration(exp2(x + e))
	}
	return time.Duration(exp2(x - e))
}

// log2 is the binary logarithm of v > 0 in 1/2^24.
func log2(v uint64) int64 {
	n := bits.Len64(v) - 1
	x := v << (63 - n) // in [2^63, 2^64): the mantissa
	r := int64(n) << 24
	for bit := int64(1) << 23; bit > 0; bit >>= 1 {
		hi, lo := bits.Mul64(x, x)
		if hi>>63 == 1 {
			r += bit
			x = hi
		} else {
			x = hi<<1 | lo>>63
		}
	}
	return r
}

// roots holds 2^(1/2^k) for k = 1..24 in 1/2^62.
var roots = func() (t [24]uint64) {
	x := uint64(1) << 63 // 2.0
	for k := range t {
		x = sqrt62(x)
		t[k] = x
	}
	return t
}()

// sqrt62 is the square root of x in [1,4), both in 1/2^62.
func sqrt62(x uint64) uint64 {
	var r uint64
	for b := uint64(1) << 62; b > 0; b >>= 1 {
		c := r | b
		if hi, lo := bits.Mul64(c, c); hi < x>>2 || hi == x>>2 && lo <= x<<62 {
			r = c
		}
	}
	return r
}

// exp2 is two to the power of x, x in 1/2^24 and at least 0.
func exp2(x int64) uint64 {
	m := uint64(1) << 62
	for k, root := range roots {
		if x>>(23-k)&1 == 1 {
			hi, lo := bits.Mul64(m, root)
			m = hi<<2 | lo>>62
		}
	}
	n := x >> 24
	if n >= 62 {
		return m << min(n-62, 1)
	}
	return m >> (62 - n)
}

// ErrDistribution is the form that a time distribution must have.
var ErrDistribution = errors.New(`a time distribution is a value like "5ms", a range like "2ms..5ms", or quantiles like "p50 2ms p99 8ms"`)

// ParseDistribution reads the text form. Times are not negative, a range is not
// empty and p50 is at most p99.
func ParseDistribution(s string) (Distribution, error) {
	if f := strings.Fields(s); len(f) >= 4 && len(f)%2 == 0 && f[0][0] == 'p' {
		return parseQuantiles(f)
	}
	lo, hi, ranged := strings.Cut(s, "..")
	l, err := ParseDuration(lo)
	if err != nil {
		return Distribution{}, noDistribution(s, err)
	}
	if !ranged {
		return Fixed(l), nil
	}
	h, err := ParseDuration(hi)
	if err != nil {
		return Distribution{}, noDistribution(s, err)
	}
	if h < l {
		return Distribution{}, fmt.Errorf("%q: the range ends before it begins", s)
	}
	return Distribution{Lo: l, Hi: h}, nil
}

// noDistribution is what is wrong with a text in which a time can't be read: with the time, if it is one by its
// form, or else with the form of the whole.
func noDistribution(s string, err error) error {
	if errors.Is(err, ErrTimeRange) {
		return err
	}
	return fmt.Errorf("%q: %w", s, ErrDistribution)
}

// QuantileDistribution is the distribution through two measured quantiles.
func QuantileDistribution(p50, p99 time.Duration) (Distribution, error) {
	if p50 <= 0 || p99 < p50 {
		return Distribution{}, fmt.Errorf("p50 %v p99 %v: p50 must be above 0 and at most p99", p50, p99)
	}
	if p50 == p99 {
		return Fixed(p50), nil
	}
	return Distribution{P50: p50, P99: p99}, nil
}

// String is the text form.
func (l Distribution) String() string {
	switch {
	case l.P99 > 0:
		return "p50 " + FormatDuration(l.P50) + " p99 " + FormatDuration(l.P99)
	case l.More != "":
		return l.More.String()
	case l.Lo == l.Hi:
		return FormatDuration(l.Lo)
	}
	return FormatDuration(l.Lo) + ".." + FormatDuration(l.Hi)
}

// MarshalText writes the text form.
func (l Distribution) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads the text form.
func (l *Distribution) UnmarshalText(b []byte) (err error) {
	*l, err = ParseDistribution(string(b))
	return err
}
