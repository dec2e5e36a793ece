package scenarios

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

var (
	// words begin with a letter and hold nothing that means something to YAML, in a
	// block or between brackets. Brackets themselves are harmless in a block alone.
	flowWords  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9 ._/%<>=!|()+;'-]*$`)
	blockWords = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9 ._/%<>=!|()+;',\[\]-]*$`)
	// quantity is a number with a unit, which can't be taken for a number alone.
	quantity = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h|%|B|kB|MB|GB|KiB|MiB|GiB|/s)[0-9a-z.]*$`)
)

// constants are what some YAML reader takes for something other than text.
var constants = []string{"y", "yes", "n", "no", "on", "off", "true", "false", "null"}

// quote writes a text as a YAML scalar on one line, without quotes where every
// reader takes it for the same text. flow says whether it stands between brackets.
func quote(s string, flow bool) string {
	words := blockWords
	if flow {
		words = flowWords
	}
	safe := words.MatchString(s) && !strings.HasSuffix(s, " ") && !slices.Contains(constants, strings.ToLower(s))
	if safe || quantity.MatchString(s) {
		return s
	}
	return strconv.Quote(s) // Go's escapes are all YAML's too
}

// canBlock reports whether a text can stand as it is in the lines below a |.
func canBlock(s string) bool {
	if s == "" || strings.TrimSpace(s) != s {
		return false
	}
	for line := range strings.Lines(s) {
		line = strings.TrimSuffix(line, "\n")
		if strings.TrimSpace(line) != line || strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }) {
			return false
		}
	}
	return true
}
