package sim

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Unit is what a measure's value counts.
type Unit string

// The units. Values are floats in these units everywhere: in memory, in
// expectations and in summary.json.
const (
	Count     Unit = ""
	Millis    Unit = "ms"
	Shares    Unit = "share" // 0 to 1
	PerSecond Unit = "/s"
	Bytes     Unit = "B"
)

// ParseValue reads a value as people write it for this unit: "3s" for Millis, "5%"
// for Shares, "200/s" for PerSecond, "2GiB" for Bytes, "0" for Count.
func (u Unit) ParseValue(s string) (float64, error) {
	switch u {
	case Millis:
		d, err := ParseDuration(s)
		return MillisOf(d), err
	case Shares:
		v, err := ParseShare(s)
		return float64(v) / float64(Whole), err
	case Bytes:
		v, err := ParseSize(s)
		return float64(v), err
	}
	num := s
	if u == PerSecond {
		var ok bool
		if num, ok = strings.CutSuffix(s, "/s"); !ok {
			return 0, fmt.Errorf(`%q is not a rate: write it like "200/s"`, s)
		}
	}
	v, err := strconv.ParseInt(num, 10, 52)
	if err != nil || v < 0 {
		return 0, fmt.Errorf("%q is not a whole number, 0 or more", s)
	}
	return float64(v), nil
}

// FormatValue writes a value for people: times and shares rounded for reading,
// counts whole.
func (u Unit) FormatValue(v float64) string {
	switch u {
	case Millis:
		d := time.Duration(v * float64(time.Millisecond))
		switch {
		case d >= 10*time.Second:
			d = d.Round(100 * time.Millisecond)
		case d >= time.Second:
			d = d.Round(10 * time.Millisecond)
		case d >= 10*time.Millisecond:
			d = d.Round(100 * time.Microsecond)
		default:
			d = d.Round(time.Microsecond)
		}
		return FormatDuration(d)
	case Shares:
		return strconv.FormatFloat(math.Round(v*1e4)/100, 'f', -1, 64) + "%"
	case PerSecond:
		return strconv.FormatFloat(v, 'f', 1, 64) + "/s"
	case Bytes:
		return Size(v).Rounded()
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// exact writes a value so that ParseValue reads the same.
func (u Unit) exact(v float64) string {
	switch u {
	case Millis:
		return FormatDuration(time.Duration(v*float64(time.Millisecond) + 0.5))
	case Shares:
		return Share(v*float64(Whole) + 0.5).String()
	case Bytes:
		return Size(v).String()
	}
	return strconv.FormatFloat(v, 'f', -1, 64) + map[Unit]string{PerSecond: "/s"}[u]
}

// MillisOf is a time in the unit of measures.
func MillisOf(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// RoundedTime is a time for people, rounded to what one can read, as measures are: 1.25s, 40.1ms.
func RoundedTime(d time.Duration) string { return Millis.FormatValue(MillisOf(d)) }

// WindowRule says what of a run a measure takes into its window. For all of them the
// window ends with the run (Trace.Length), and so does that of a measure without a window.
type WindowRule string

// The rules.
const (
	OfEvents     WindowRule = "events"     // those that happened in the window: parts add up to the whole
	OfOperations WindowRule = "operations" // those that ended in the window: parts add up to the whole
	OfTime       WindowRule = "time"       // what of it lies in the window: parts add up to the whole
	OfLongest    WindowRule = "longest"    // a stretch is cut where the window begins and ends
	OfInterval   WindowRule = "interval"   // both its ends lie in the window
	OfThings     WindowRule = "things"     // one that is there in two parts is one in the whole
	OfState      WindowRule = "state"      // as it is in the window
)

// WindowRules are the rules, in the order in which they are told.
var WindowRules = []WindowRule{OfEvents, OfOperations, OfTime, OfLongest, OfInterval, OfThings, OfState}

// About says the rule in a sentence for people.
func (r WindowRule) About() string {
	return map[WindowRule]string{
		OfEvents: "what happened in the window; the parts of a window add up to the whole",
		OfOperations: "operations that ended in the window; those under way when the run ended count at its end; " +
			"the parts of a window add up to the whole",
		OfTime:     "the time that lies in the window; the parts of a window add up to the whole",
		OfLongest:  "the longest period, clipped to the window",
		OfInterval: "from one moment to another, both of which must lie in the window; otherwise there is nothing to measure",
		OfThings:   "distinct things seen in the window; one seen in two parts counts once in the whole",
		OfState:    "a state in the window: the highest or the last",
	}[r]
}

// Window is a stretch of a run; To 0 is its end.
type Window struct{ From, To time.Duration }

// Has reports whether a moment is in the window: From is, To is not.
func (w Window) Has(at time.Duration) bool { return at >= w.From && (w.To == 0 || at < w.To) }

// Measure is a number that a run's summary reports, computed from its trace. What
// can be seen can be asserted: every measure may stand in an expectation, with a
// window or without.
type Measure struct {
	Name string // dotted, like writes.ok
	// Family is how short lists name the measure together with others like it, as "alert.RULE"
	// for one per alert rule; empty: it is listed by itself.
	Family string
	Unit   Unit
	Rule   WindowRule
	About  string // a sentence for people: what exactly is counted
	// Compute reads the measure off the window. False: there is nothing to measure,
	// for instance the latency of no operation; an expectation on it then fails.
	Compute func(t *Trace, w Window) (float64, bool)
	// Meter, if not nil, makes a meter that reads the measure while the run goes on:
	// its value is that of Compute over the whole run, and it is final once there. Such a
	// measure can end a run (Scenario.Until).
	Meter func(s *Scenario) Meter
}

// Meter is an observer of a run that works out a measure's value as the run goes.
type Meter interface {
	Observer
	Done() bool // the value is known and final
	Value() (float64, bool)
}

// Check judges a run by its trace.
type Check struct {
	Name  string // lower-case words with dashes, like linearizable
	About string // a sentence for people: what it proves, by which rule
	// Always: judged on every run. The others are judged when a scenario expects them.
	Always bool
	Judge  func(t *Trace) Verdict
}

// Verdict is what a check says of a run, with its evidence.
type Verdict struct {
	Check   string     // the check's name, or an expectation's text
	OK      bool       // false also when Unknown
	Unknown bool       // it could not be decided, for instance in the time allowed
	Why     string     // one sentence: what holds, or what broke, naming members, terms and times
	Events  []uint64   // Seq of the events that prove it
	Members []MemberID // who took part
}
