package report

import "testing"

func TestProse(t *testing.T) {
	for from, want := range map[string]string{
		"one\ntwo\n":                      "one two",
		"one\ntwo\n\nthree\nfour":         "one two\n\nthree four",
		"a list:\n- one\n- two\n  more\n": "a list:\n- one\n- two\n  more",
		"a \x1b[31m red one":              "a \ufffd[31m red one",
	} {
		if got := prose(from); got != want {
			t.Errorf("%q became %q, not %q", from, got, want)
		}
	}
}
