package sim

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The text forms of quantities, one for the scenario file, the prompt and the trace.

// ErrTimeRange is the error of a time that is one by its form, but below 0 or too long.
var ErrTimeRange = errors.New("no such time")

// timeRangeError says which bound a time does not keep.
type timeRangeError string

func (e timeRangeError) Error() string        { return string(e) }
func (e timeRangeError) Is(target error) bool { return target == ErrTimeRange }

// timeForm is the form of a time that may be too long to be read.
var timeForm = regexp.MustCompile(`^[-+]?([0-9]+(\.[0-9]*)?(ns|us|µs|μs|ms|s|m|h))+$`)

// ParseDuration reads a time as Go writes it ("300us", "1.5s", "2m"), or "0". It
// is not negative, and at most 292 years. A time outside of these bounds gives ErrTimeRange.
func ParseDuration(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	switch formed := timeForm.MatchString(s); {
	case d < 0, err != nil && formed && s[0] == '-':
		return 0, timeRangeError(fmt.Sprintf("%q: a time can't be negative", s))
	case err != nil && formed:
		return 0, timeRangeError(fmt.Sprintf("%q: a time can be at most 292 years, which is 2562047h", s))
	case err != nil:
		return 0, fmt.Errorf(`%q is not a time: write a number and a unit, like "300us", "5ms" or "1.5s"`, s)
	}
	return d, nil
}

// FormatDuration writes d so that ParseDuration reads the same, without the empty
// units that Duration.String adds, and in characters that every keyboard has: 2m,
// not 2m0s, and 300us, not 300µs.
func FormatDuration(d time.Duration) string {
	s := strings.Replace(d.String(), "µ", "u", 1)
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// ParseShare reads a share: "5%" or "0.05%", to four places, from 0% to 100%.
func ParseShare(s string) (Share, error) {
	n, ok := strings.CutSuffix(s, "%")
	v, err := strconv.ParseFloat(n, 64)
	if !ok || err != nil || math.IsNaN(v) {
		return 0, fmt.Errorf(`%q is not a share: write a percentage like "5%%"`, s)
	}
	if v < 0 || v > 100 {
		return 0, fmt.Errorf("%q: a share must be from 0%% to 100%%", s)
	}
	return Share(math.Round(v * 10_000)), nil
}

// String is the share in percent.
func (s Share) String() string {
	return strconv.FormatFloat(float64(s)/10_000, 'f', -1, 64) + "%"
}

// MarshalText writes the share in percent.
func (s Share) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a share in percent.
func (s *Share) UnmarshalText(b []byte) (err error) {
	*s, err = ParseShare(string(b))
	return err
}

// Size is a number of bytes. Its text form has a unit: "256B", "64KiB", "2GiB",
// "1MB".
type Size int64

var sizeUnits = []struct {
	name string
	n    int64
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}, {"KB", 1e3}, {"B", 1}}

// ParseSize reads a size. It is not negative and below 2^62 bytes.
func ParseSize(s string) (Size, error) {
	for _, u := range sizeUnits {
		n, ok := strings.CutSuffix(s, u.name)
		if !ok {
			continue
		}
		v, err := strconv.ParseFloat(n, 64)
		if err != nil || math.IsNaN(v) || v < 0 || v*float64(u.n) >= 1<<62 {
			break
		}
		return Size(math.Round(v * float64(u.n))), nil
	}
	return 0, fmt.Errorf(`%q is not a size: write a number and a unit, like "256B", "64KiB" or "2GiB"`, s)
}

// String is the size in the largest unit that divides it.
func (s Size) String() string {
	for _, u := range sizeUnits {
		if s != 0 && int64(s)%u.n == 0 {
			return strconv.FormatInt(int64(s)/u.n, 10) + u.name
		}
	}
	return "0B"
}

// Rounded is the size for people: three digits or so, in the unit that fits.
func (s Size) Rounded() string {
	for _, u := range sizeUnits[:3] { // powers of two
		if v := float64(s) / float64(u.n); v >= 1 {
			digits := max(0, 2-int(math.Log10(v)))
			return strconv.FormatFloat(v, 'f', digits, 64) + u.name
		}
	}
	return strconv.FormatInt(int64(s), 10) + "B"
}

// MarshalText writes the text form.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the text form.
func (s *Size) UnmarshalText(b []byte) (err error) {
	*s, err = ParseSize(string(b))
	return err
}

// ParseRate reads operations a second: "200/s", at most a million.
func ParseRate(s string) (int, error) {
	n, ok := strings.CutSuffix(s, "/s")
	v, err := strconv.Atoi(n)
	if !ok || err != nil || v < 0 || v > 1_000_000 {
		return 0, fmt.Errorf(`%q is not a rate: write operations a second up to 1000000/s, like "200/s"`, s)
	}
	return v, nil
}

// FormatRate writes a rate as ParseRate reads it.
func FormatRate(n int) string { return strconv.Itoa(n) + "/s" }

// SyntaxError is an error at a place in a text.
type SyntaxError struct {
	Offset int // in bytes from the beginning of the text
	Err    error
}

func (e *SyntaxError) Error() string { return e.Err.Error() }

// Unwrap returns the error without its place.
func (e *SyntaxError) Unwrap() error { return e.Err }

// At gives err a place, unless it has one already; then the offset is added to it. nil
// stays nil.
func At(offset int, err error) error {
	if err == nil {
		return nil
	}
	var s *SyntaxError
	if errors.As(err, &s) {
		return &SyntaxError{offset + s.Offset, s.Err}
	}
	return &SyntaxError{offset, err}
}
