package plan

import (
	"fmt"
	"math"
	"strconv"
)

// spell is a number of seconds for people: two or three digits in the unit that fits.
func spell(seconds float64) string {
	units := []struct {
		name string
		s    float64
	}{{"y", Year.Seconds()}, {"d", 86400}, {"h", 3600}, {"min", 60}, {"s", 1}, {"ms", 1e-3}, {"us", 1e-6}}
	if seconds == 0 {
		return "0 s"
	}
	for _, u := range units {
		if v := seconds / u.s; v >= 1 || u.name == "us" {
			return number(v) + " " + u.name
		}
	}
	return ""
}

// number has three significant digits at most.
func number(v float64) string {
	if v >= 1e6 {
		return fmt.Sprintf("%.2g", v)
	}
	d := max(0, 2-int(math.Floor(math.Log10(max(v, 1e-9)))))
	return strconv.FormatFloat(math.Round(v*math.Pow10(d))/math.Pow10(d), 'f', -1, 64)
}

// years is a mean time between losses.
func years(y float64) string { return spell(y * Year.Seconds()) }

// Spell is a number of milliseconds for people, as the answers' texts have it.
func Spell(millis float64) string { return spell(millis / 1e3) }

// Number writes a number for people, with three significant digits at most.
func Number(v float64) string { return number(v) }
