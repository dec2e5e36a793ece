package sim

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
)

// Pace is how many operations a second the clients begin together: Rate, or from Rate on evenly to To over a time,
// and To from then on. A Rate of ClosedLoop lets each client begin its next operation when the last has returned, and
// 0 without a To stops them.
type Pace struct {
	Rate, To int
	Over     time.Duration // 0: the rate does not change
	Bursts   Bursts        // on top of a rate that does not change
}

// ClosedLoop is the rate of a load without one: see Workload.
const ClosedLoop = -1

// Most is the highest rate.
func (p Pace) Most() int { return max(p.Rate, p.To, int(p.Bursts.Rate)) }

// Due is when the operation with this number, counted from 0, begins, from the beginning of the pace on. False: there
// are no more.
func (p Pace) Due(n int64) (time.Duration, bool) {
	if p.Bursts != (Bursts{}) {
		return p.Bursts.due(n, int64(p.Rate)), true
	}
	if p.Over == 0 {
		return every(n, int64(p.Rate))
	}
	from, to, over := float64(p.Rate), float64(p.To), p.Over.Seconds()
	while := int64((from + to) / 2 * over) // operations begin while the rate changes
	if n >= while {
		due, ok := every(n-while, int64(p.To))
		return p.Over + due, ok
	}
	if n == 0 {
		return 0, true
	}
	// The rate's integral over t is from*t + (to-from)*t*t/(2*over).
	t := 2 * float64(n) / (from + math.Sqrt(from*from+2*float64(n)*(to-from)/over))
	return min(time.Duration(t*float64(time.Second)), p.Over), true
}

// every is when the operation with this number is due at a rate that stays.
func every(n, rate int64) (time.Duration, bool) {
	if rate <= 0 {
		return 0, false
	}
	return time.Duration(n/rate)*time.Second + time.Duration(n%rate*int64(time.Second)/rate), true
}

// String is the text form.
func (p Pace) String() string {
	if p.Bursts != (Bursts{}) {
		return FormatRate(p.Rate) + " " + p.Bursts.String()
	}
	if p.Over == 0 {
		return FormatRate(p.Rate)
	}
	return FormatRate(p.Rate) + ".." + FormatRate(p.To) + " over " + FormatDuration(p.Over)
}

// ParsePace reads a rate like "200/s", one with bursts like "200/s with 2000/s for 1s every 10s", or a change of it
// like "100/s..2000/s over 30s". An error in a part of it
// is a SyntaxError.
func ParsePace(s string) (p Pace, err error) {
	if rate, bursts, ok := strings.Cut(s, " with "); ok {
		if p.Rate, err = ParseRate(strings.TrimSpace(rate)); err != nil {
			return Pace{}, err
		}
		if p.Bursts, err = parseBursts("with "+bursts, p.Rate); err != nil {
			return Pace{}, At(len(rate)+1, err)
		}
		return p, nil
	}
	rates, over, changes := strings.Cut(s, " over ")
	first, second, two := strings.Cut(rates, "..")
	if p.Rate, err = ParseRate(strings.TrimSpace(first)); err != nil {
		return Pace{}, err
	}
	switch {
	case !two && !changes:
		return p, nil
	case two != changes:
		return Pace{}, fmt.Errorf(`%q is not a change of the rate: write from where to where and over which time, like `+
			`"100/s..2000/s over 30s"`, s)
	}
	if p.To, err = ParseRate(strings.TrimSpace(second)); err != nil {
		return Pace{}, At(len(first)+len(".."), err)
	}
	at := len(rates) + len(" over ")
	if p.Over, err = ParseDuration(strings.TrimSpace(over)); err != nil {
		return Pace{}, At(at, err)
	}
	switch {
	case p.Over <= 0:
		return Pace{}, At(at, errors.New("a rate takes some time to change: write more than 0"))
	case p.Rate == p.To:
		return Pace{}, At(len(first)+len(".."), fmt.Errorf("from %s to %[1]s is no change", FormatRate(p.To)))
	}
	return p, nil
}
