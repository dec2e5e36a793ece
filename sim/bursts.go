package sim

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Bursts are times, one after the other at even distances, in which clients begin more operations. The zero value is
// none.
type Bursts struct {
	// How many operations a second the clients begin in a burst, together.
	Rate OpRate `yaml:"rate"`
	// How long a burst lasts.
	For time.Duration `yaml:"for"`
	// How long it takes from the beginning of one burst to that of the next. The first one begins after this time less
	// its own.
	Every time.Duration `yaml:"every"`
}

// OpRate is operations a second, like "200/s".
type OpRate int

// MarshalText writes the text form.
func (r OpRate) MarshalText() ([]byte, error) { return []byte(FormatRate(int(r))), nil }

// UnmarshalText reads the text form.
func (r *OpRate) UnmarshalText(b []byte) error {
	v, err := ParseRate(string(b))
	*r = OpRate(v)
	return err
}

// problem is what is wrong with bursts on top of a rate, or nil.
func (b Bursts) problem(rate int) error {
	switch {
	case b.For <= 0:
		return errors.New("a burst lasts longer than 0")
	case b.Every <= b.For:
		return fmt.Errorf("with a burst of %s every %s there is nothing between two bursts", FormatDuration(b.For),
			FormatDuration(b.Every))
	case b.Every > 24*time.Hour:
		return errors.New("bursts come at least once in 24h")
	case int(b.Rate) <= rate:
		return fmt.Errorf("a burst of %s is no more than the rate of %s", FormatRate(int(b.Rate)), FormatRate(rate))
	}
	return nil
}

// due is when the operation with this number, counted from 0, begins: a period is first the quiet part, at a rate, and
// then the burst.
func (b Bursts) due(n, rate int64) time.Duration {
	quiet := b.Every - b.For
	inQuiet := numberIn(rate, quiet)
	each := inQuiet + max(1, numberIn(int64(b.Rate), b.For))
	period, n := n/each, n%each
	at := time.Duration(period) * b.Every
	if n < inQuiet {
		due, _ := every(n, rate)
		return at + due
	}
	due, _ := every(n-inQuiet, int64(b.Rate))
	return at + quiet + due
}

// numberIn is how many operations begin in a time, of which the first begins at its beginning.
func numberIn(rate int64, d time.Duration) int64 {
	if rate <= 0 {
		return 0
	}
	seconds, rest := int64(d/time.Second), int64(d%time.Second)
	return seconds*rate + (rest*rate+int64(time.Second)-1)/int64(time.Second)
}

// String is the text form, which stands behind a rate.
func (b Bursts) String() string {
	return fmt.Sprintf("with %s for %s every %s", FormatRate(int(b.Rate)), FormatDuration(b.For), FormatDuration(b.Every))
}

// parseBursts reads "with 2000/s for 1s every 10s". Its errors are SyntaxErrors.
func parseBursts(s string, rate int) (b Bursts, err error) {
	f := strings.Fields(s)
	if len(f) != 6 || f[0] != "with" || f[2] != "for" || f[4] != "every" {
		return b, fmt.Errorf(`%q are no bursts: write how many, for how long and how often, like "with 2000/s for 1s every 10s"`, s)
	}
	n, err := ParseRate(f[1])
	if err == nil {
		b.Rate = OpRate(n)
		b.For, err = ParseDuration(f[3])
	}
	if err == nil {
		b.Every, err = ParseDuration(f[5])
	}
	if err == nil {
		err = b.problem(rate)
	}
	return b, err
}
