package sim

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// Sizes is the distribution of how large values are: a size ("256B"), a uniform range ("64B..4KiB"), or quantiles
// ("p50 256B p99 64KiB max 1MiB"), drawn as a Distribution of times is. The zero value is none.
type Sizes Distribution // a byte is a nanosecond

var errSizes = errors.New(`sizes are one like "256B", a range like "64B..4KiB", or quantiles like "p50 256B p99 64KiB"`)

// IsZero reports whether there is no distribution.
func (s Sizes) IsZero() bool { return Distribution(s).IsZero() }

// Of is the size of the value with this number in a run with this seed: the same on every engine.
func (s Sizes) Of(seed, number uint64) Size {
	n := Size(Distribution(s).Draw(rand.New(rand.NewPCG(seed^0x73697a6573, number))))
	if Distribution(s).Measured() {
		return max(n, 1) // log-normals come near to nothing
	}
	return n
}

// Mean is the mean size: of many values that lie evenly in the distribution.
func (s Sizes) Mean() Size {
	const many = 1 << 10
	sum := Size(0)
	for i := range uint64(many) {
		sum += s.Of(0, i)
	}
	return sum / many
}

// String is the text form.
func (s Sizes) String() string {
	l := Distribution(s)
	if !l.Measured() && l.Lo == l.Hi {
		return Size(l.Lo).String()
	}
	if !l.Measured() {
		return Size(l.Lo).String() + ".." + Size(l.Hi).String()
	}
	points, _ := l.Points()
	if points == nil {
		points = []DistributionPoint{{Whole / 2, l.P50}, {Whole / 100 * 99, l.P99}}
	}
	var words []string
	for _, p := range points {
		words = append(words, "p"+percentage(p.Share), Size(p.Value).String())
	}
	if l.More != "" && l.More.most() > 0 {
		words = append(words, "max", Size(l.More.most()).String())
	}
	return strings.Join(words, " ")
}

// MarshalText writes the text form.
func (s Sizes) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the text form.
func (s *Sizes) UnmarshalText(b []byte) (err error) {
	*s, err = parseSizes(string(b))
	return err
}

func parseSizes(text string) (s Sizes, err error) {
	if f := strings.Fields(text); len(f) >= 4 && len(f)%2 == 0 && f[0][0] == 'p' {
		return sizeQuantiles(f)
	}
	first, second, ranged := strings.Cut(text, "..")
	lo, err := ParseSize(first)
	if err != nil {
		return s, fmt.Errorf("%q: %w", text, errSizes)
	}
	hi := lo
	if ranged {
		if hi, err = ParseSize(second); err != nil {
			return s, fmt.Errorf("%q: %w", text, errSizes)
		}
	}
	if hi < lo {
		return s, fmt.Errorf("%q: the range ends before it begins", text)
	}
	return Sizes(Distribution{Lo: time.Duration(lo), Hi: time.Duration(hi)}), nil
}

func sizeQuantiles(words []string) (s Sizes, err error) {
	var points []DistributionPoint
	most := Size(0)
	for i := 0; i < len(words); i += 2 {
		n, err := ParseSize(words[i+1])
		if err != nil || most > 0 {
			return s, fmt.Errorf("%q: %w", strings.Join(words, " "), errSizes)
		}
		if words[i] == "max" {
			most = n
			continue
		}
		share, err := ParseQuantile(words[i])
		if err != nil {
			return s, err
		}
		points = append(points, DistributionPoint{share, time.Duration(n)})
	}
	law, err := Quantiles(points, time.Duration(most))
	if err != nil {
		return s, fmt.Errorf("%q: shares must rise from above p0, sizes must be above 0 and not fall",
			strings.Join(words, " "))
	}
	return Sizes(law), nil
}

// largest is the largest size that is drawn.
func (s Sizes) largest() Size {
	switch l := Distribution(s); {
	case l.P99 > 0:
		return Size(l.quantile(^uint64(0)))
	case l.More != "":
		return Size(l.More.valueAt(normalAt(l.More.tail())))
	default:
		return Size(l.Hi)
	}
}

// SizeOf is how large the value with this number is.
func (w *Workload) SizeOf(seed, number uint64) Size {
	if w.Sizes.IsZero() {
		return w.Value
	}
	return w.Sizes.Of(seed, number)
}

// MeanSize is how large values are on average.
func (w *Workload) MeanSize() Size {
	if w.Sizes.IsZero() {
		return w.Value
	}
	return w.Sizes.Mean()
}
