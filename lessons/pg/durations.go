package pg

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"quorumlab/internal/text"
	"quorumlab/lessons"
)

// ReadDurations reads an answer of lines NAME = DURATION into the fields of those names, all of which must be set. What
// follows a # is a comment. example is such a line. The error is a *lessons.BadAnswer.
func ReadDurations(name string, answer []byte, example string, fields map[string]*time.Duration) (err error) {
	names := slices.Sorted(maps.Keys(fields))
	seen := map[string]bool{}
	for i, line := range strings.Split(string(answer), "\n") {
		code, _, _ := strings.Cut(line, "#")
		if strings.TrimSpace(code) == "" {
			continue
		}
		bad := func(column int, format string, args ...any) error {
			return badLine(name, i+1, column, fmt.Errorf(format, args...), line)
		}
		left, right, ok := strings.Cut(code, "=")
		key, value := strings.TrimSpace(left), strings.TrimSpace(right)
		field := fields[key]
		switch {
		case !ok:
			return bad(1, "this is not a setting: write NAME = DURATION, as in %s", example)
		case field == nil:
			return bad(1, "unknown setting %q%s; the settings are %s", key, text.DidYouMean(key, names),
				strings.Join(names, ", "))
		case seen[key]:
			return bad(1, "%s is set twice", key)
		}
		seen[key] = true
		if *field, err = readDuration(value); err != nil {
			column := len([]rune(left)) + 2
			if at := strings.Index(right, value); value != "" && at >= 0 {
				column += len([]rune(right[:at]))
			}
			return bad(column, "%w", err)
		}
	}
	for _, n := range names {
		if !seen[n] {
			return &lessons.BadAnswer{Err: fmt.Errorf("%s:1:1: %s is not set; the settings are %s", name, n,
				strings.Join(names, ", "))}
		}
	}
	return nil
}

// readDuration reads a duration like 30s, 5m, 6h or 7d.
func readDuration(value string) (time.Duration, error) {
	const least, most = time.Second, 90 * 24 * time.Hour
	wrong := fmt.Errorf("%q is not a duration: use 1s to 90d, like 30s, 5m, 6h or 7d", value)
	units := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}
	if len(value) < 2 {
		return 0, wrong
	}
	unit, ok := units[value[len(value)-1]]
	n, err := strconv.ParseUint(value[:len(value)-1], 10, 32)
	if !ok || err != nil || n > uint64(most/unit) || time.Duration(n)*unit < least {
		return 0, wrong
	}
	return time.Duration(n) * unit, nil
}

// Short is a duration of a task, to the second: 2h0m, not 2h0m0s.
func Short(d time.Duration) string {
	s, whole := strings.CutSuffix(d.Round(time.Second).String(), "m0s")
	if whole {
		s += "m"
	}
	return s
}

// AtSpeed is how long so many GB take at so many per minute.
func AtSpeed(gb, perMinute float64) time.Duration {
	return time.Duration(gb / perMinute * float64(time.Minute))
}
