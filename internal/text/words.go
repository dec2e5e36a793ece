package text

import "unicode"

// Word is a word of a text, with its byte offsets.
type Word struct {
	Text   string
	Offset int
}

// Words splits a text at white space.
func Words(s string) []Word {
	var ws []Word
	start := -1
	for i, r := range s {
		if unicode.IsSpace(r) {
			if start >= 0 {
				ws = append(ws, Word{s[start:i], start})
			}
			start = -1
		} else if start < 0 {
			start = i
		}
	}
	if start >= 0 {
		ws = append(ws, Word{s[start:], start})
	}
	return ws
}
