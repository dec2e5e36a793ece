package scenarios_test

import (
	"strings"
	"testing"

	"quorumlab/scenarios"
)

// TestSyntaxErrorsSayWhatWouldBeRight: what people write who are new to YAML, and not one word of the parser's.
func TestSyntaxErrorsSayWhatWouldBeRight(t *testing.T) {
	const (
		noField  = `this is no field; one is written "name: value"`
		unfit    = "this does not fit here"
		noValue  = "a field can't begin here"
		anchor   = "an anchor or alias (& or *) is not part"
		unclosed = "this quote is never closed"
	)
	for text, want := range map[string]string{
		"cluster: members: 3}\n":                  "1:10: " + noValue,
		"run: 1s 2s: 3s\n":                        "1:6: " + noValue,
		"cluster: {members: 3}}\n":                "1:22: " + unfit,
		"engines: [sim]]\n":                       "1:15: " + unfit,
		"cluster: {members: 3,\n}x\n":             "2:2: " + unfit,
		"cluster:\n  members: 3\n tick: 1s\n":     "3:2: " + unfit,
		"steps:\n  - {at: 1s}\n - {at: 2s}\n":     "3:2: " + unfit,
		"about: |\n      y\n   z\n":               "3:4: " + unfit,
		": 5\n":                                   "1:1: " + noField,
		"cluster: {: 3}\n":                        "1:11: " + noField,
		"cluster:\n  members: 3\n  tick 100ms\n":  "3:3: " + noField,
		"run 1s\ncluster: {}\n":                   "1:1: " + noField,
		"steps: [{at: 1s} {at: 2s}]\n":            `1:18: the list before this place needs a ","`,
		"cluster: {members: 3\nrun: 1s\n":         `2:1: the group before this place needs a ","`,
		"steps: [{at: 1s, do: crash n1}\nrun: 1s": `2:1: the list before this place needs a ","`,
		"engines: [,]\n":                          "1:11: an item of the list is missing",
		"steps: - at: 1s\n  do: crash n1\n":       "1:8: a list with dashes begins on the line below",
		"about: \"x\nrun: 1s\n":                   "1:8: " + unclosed,
		"about: 'x\nrun: 1s\n":                    "1:8: " + unclosed,
		"about: \"\\q\"\n":                        `1:10: after "\" in double quotes`,
		"about: |x\n  y\n":                        `1:8: after "|" or ">" a text begins on the next line`,
		"run: %x\n":                               `1:6: a text that begins with "%" needs quotes`,
		"run: &x\n":                               "1:6: " + anchor,
		"run: *x\n":                               "1:6: " + anchor,
		"run: `x`\n":                              "1:6: '`' is a reserved character; a text that begins with it",
		"\trun: 1s\n":                             "1:4: the line is indented with a tab",
	} {
		_, err := scenarios.Parse("x.yaml", []byte(text))
		if err == nil || !strings.Contains(err.Error(), "x.yaml:"+want) {
			t.Errorf("%q: %v; want %q", text, err, want)
		}
	}
}
