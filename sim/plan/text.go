package plan

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"quorumlab/sim"
)

// Span is a time that may take months: "90d", "1.5y", "4h", "5ms". A day has 24
// hours, a year 365.25 days.
type Span time.Duration

// UnmarshalText reads the text form. It is not negative.
func (s *Span) UnmarshalText(b []byte) error {
	text := string(b)
	for unit, length := range map[string]time.Duration{"d": 24 * time.Hour, "y": Year} {
		n, ok := strings.CutSuffix(text, unit)
		if v, err := strconv.ParseFloat(n, 64); ok && err == nil {
			if v < 0 || math.IsNaN(v) || v*float64(length) >= math.MaxInt64 {
				return fmt.Errorf("%q: a time must be from 0 to 292 years", text)
			}
			*s = Span(v * float64(length))
			return nil
		}
	}
	d, err := sim.ParseDuration(text)
	if errors.Is(err, sim.ErrTimeRange) {
		return err
	}
	if err != nil {
		return fmt.Errorf(`%q is not a time: write a number and a unit, like "5ms", "4h", "90d" or "1y"`, text)
	}
	*s = Span(d)
	return nil
}

// String is the time in days or years where it has a whole number of them.
func (s Span) String() string {
	d := time.Duration(s)
	switch {
	case d >= Year && d%Year == 0:
		return strconv.Itoa(int(d/Year)) + "y"
	case d >= 24*time.Hour && d%(24*time.Hour) == 0:
		return strconv.Itoa(int(d/(24*time.Hour))) + "d"
	}
	return sim.FormatDuration(d)
}

// Rate is how often something happens, a second: "200/s", "30/m", "600/h", "5/d".
type Rate float64

var rateUnits = []struct {
	name    string
	seconds float64
}{{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}}

// UnmarshalText reads the text form.
func (r *Rate) UnmarshalText(b []byte) error {
	n, unit, _ := strings.Cut(string(b), "/")
	v, err := strconv.ParseFloat(n, 64)
	for _, u := range rateUnits {
		if err == nil && u.name == unit && v >= 0 && v/u.seconds <= 1e6 {
			*r = Rate(v / u.seconds)
			return nil
		}
	}
	return fmt.Errorf(`%q is not a rate: write a number and a time, like "200/s", "30/m" or "600/h", at most a million a second`, b)
}

// String is the rate in the shortest unit that has one or more of it.
func (r Rate) String() string {
	for _, u := range rateUnits {
		if v := float64(r) * u.seconds; v >= 1 || u.name == "d" && v > 0 {
			return strconv.FormatFloat(v, 'f', digits(v), 64) + "/" + u.name
		}
	}
	return "0/s"
}

// digits leaves about three significant ones.
func digits(v float64) int {
	if v == math.Trunc(v) {
		return 0
	}
	return max(0, 2-int(math.Floor(math.Log10(v))))
}

// Count is a whole number of things, to a hundred million.
type Count int

// UnmarshalText reads a number.
func (c *Count) UnmarshalText(b []byte) error {
	v, err := strconv.Atoi(string(b))
	if err != nil || v < 0 || v > mostCount {
		return fmt.Errorf("%q is not a whole number between 0 and %d", b, mostCount)
	}
	*c = Count(v)
	return nil
}

// UnmarshalText reads a placement: "2+2+1" or "2,2,1".
func (p *Placement) UnmarshalText(b []byte) error {
	var read Placement
	for _, part := range strings.FieldsFunc(string(b), func(r rune) bool { return r == '+' || r == ',' }) {
		k, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil || k < 1 || k > MostMembers {
			return fmt.Errorf(`%q is not a placement: write the members of each zone, like "2+2+1"`, b)
		}
		read = append(read, k)
	}
	if len(read) == 0 {
		return fmt.Errorf(`%q is not a placement: write the members of each zone, like "2+2+1"`, b)
	}
	*p = read
	return nil
}

// MarshalText writes the form "2+2+1".
func (p Placement) MarshalText() ([]byte, error) { return []byte(p.String()), nil }
