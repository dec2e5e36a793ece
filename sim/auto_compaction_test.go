package sim

import (
	"testing"
	"time"
)

func TestAutoCompaction(t *testing.T) {
	for text, want := range map[string]AutoCompaction{
		"off": {}, "5s": {Period: 5 * time.Second}, "1m30s": {Period: 90 * time.Second}, "1000": {Revisions: 1000},
	} {
		a, err := ParseAutoCompaction(text)
		if err != nil || a != want || a.String() != text {
			t.Errorf("%s is %+v (%v), and then %s", text, a, err, a)
		}
	}
	for text, want := range map[string]string{
		"often": `"often" is not an auto-compaction: write "off", a period like "5s", or a number of revisions like "1000"`,
		"0":     `"0" revisions can't be kept: the minimum is 1, and "off" keeps all`,
		"-3":    `"-3" revisions can't be kept: the minimum is 1, and "off" keeps all`,
		"10ms":  "a period of 10ms is too short: the minimum is 1s",
	} {
		if a, err := ParseAutoCompaction(text); err == nil || err.Error() != want {
			t.Errorf("%s: %+v, %v\nwant %s", text, a, err, want)
		}
	}
}
