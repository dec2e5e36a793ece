package text

import (
	"fmt"
	"slices"
	"strings"
)

// DidYouMean is " (did you mean X?)" for the candidate nearest to the word, or
// empty if none is near: if more than a third of the word would have to change, and
// it is not a prefix of a candidate either.
//
// Words that people know from elsewhere come first: "kill" is a crash, not a "fill".
func DidYouMean(word string, candidates []string) string {
	if s, ok := synonyms[strings.ToLower(word)]; ok && slices.Contains(candidates, s) {
		return fmt.Sprintf(" (did you mean %q?)", s)
	}
	best, dist := "", len(word)/3+1
	for _, c := range candidates {
		d := editDistance(strings.ToLower(word), strings.ToLower(c))
		if len(word) > 2 && strings.HasPrefix(strings.ToLower(c), strings.ToLower(word)) {
			d = min(d, 1)
		}
		if d < dist {
			best, dist = c, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", best)
}

// DidYouMeanOr is DidYouMean, or else "; " and what lists all: one who gets a suggestion needs no list.
func DidYouMeanOr(word string, candidates []string, all string) string {
	if near := DidYouMean(word, candidates); near != "" {
		return near
	}
	return "; " + all
}

// synonyms are what other tools call what is called something else here.
var synonyms = map[string]string{
	"kill": "crash", "stop": "pause", "drift-clock": "drift", "clock-drift": "drift", "start": "restart",
	"unpause": "resume", "continue": "resume",
}

// editDistance counts the insertions, deletions, changes and swaps of neighbours
// between two words (the optimal string alignment distance).
func editDistance(a, b string) int {
	if len(a) > 64 || len(b) > 64 { // no word of ours is; keeps the cost bounded
		return len(a) + len(b)
	}
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			d := min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, rows[i-2][j-2]+1)
			}
			rows[i][j] = d
		}
	}
	return rows[len(a)][len(b)]
}
