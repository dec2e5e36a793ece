package script

import (
	"strings"
	"testing"
	"time"
)

func TestParseLine(t *testing.T) {
	for _, tt := range []struct {
		line, do string
		length   time.Duration
	}{
		{"crash leader", "crash leader", 0},
		{"crash  leader for 10s ", "crash leader", 10 * time.Second},
		{"delay n1 -> n2 5ms for 1m", "delay n1 -> n2 5ms", time.Minute},
		{"stop-load for 300ms", "stop-load", 300 * time.Millisecond},
		{"put word for 10s", "put word for 10s", 0},
		{"crash for", "crash for", 0}, // a member may be called so
	} {
		st, err := ParseLine(tt.line)
		if err != nil || st.Do.String() != tt.do || st.For != tt.length {
			t.Errorf("%q is %q for %v (%v)", tt.line, st.Do, st.For, err)
		}
		again, err := ParseLine(FormatLine(st))
		if err != nil || FormatLine(again) != FormatLine(st) {
			t.Errorf("%q becomes %q (%v)", FormatLine(st), FormatLine(again), err)
		}
	}
	for line, want := range map[string]string{
		"crash leader for ever": `"ever" is not a time`,
		"crash leader for 0s":   "a fault must last longer than 0",
		"heal n1 for 10s":       `"heal" is instantaneous; it can't last for 10s`,
		"crash n1 | n2 for 10s": `"|" does not belong here`,
		"crush leader for 10s":  `unknown statement "crush"`,
	} {
		if _, err := ParseLine(line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", line, err, want)
		}
	}
}
