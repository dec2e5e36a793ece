package text

import (
	"slices"
	"strconv"
	"strings"
)

// Counted is a count with its noun: "1 run", "3 runs", "0 runs".
func Counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// Capitalized makes the first letter of a sentence a capital, if it is ASCII. A sentence that begins with
// one of the names stays as it is: a name is never capitalized.
func Capitalized(sentence string, names ...string) string {
	first := strings.TrimRight(strings.SplitN(sentence, " ", 2)[0], ",.;:")
	if sentence == "" || slices.Contains(names, first) {
		return sentence
	}
	return strings.ToUpper(sentence[:1]) + sentence[1:]
}

// CommonPrefix is the longest common prefix of the words.
func CommonPrefix(words []string) string {
	if len(words) == 0 {
		return ""
	}
	prefix := words[0]
	for _, s := range words[1:] {
		for !strings.HasPrefix(s, prefix) {
			prefix = prefix[:len(prefix)-1]
		}
	}
	return prefix
}

// KeepEnd shortens a name to at most n letters, n being more than three: "..." and its end,
// which tells apart names with the same beginning.
func KeepEnd(name string, n int) string {
	r := []rune(name)
	if len(r) <= n {
		return name
	}
	return "..." + string(r[len(r)-n+3:])
}
