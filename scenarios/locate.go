package scenarios

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// locate is the place of the byte at offset in a scalar's text. A text that is
// folded over several lines is not followed: then it is where the text begins.
func (n *node) locate(offset int) place {
	offset = min(max(offset, 0), len(n.text))
	switch n.style {
	case block:
		return n.locateInBlock(offset)
	case plain:
		return n.step(0, offset, func([]rune) (int, int) { return 1, 0 })
	case singleQuoted:
		return n.step(1, offset, singleQuotedRune)
	}
	return n.step(1, offset, doubleQuotedRune)
}

// step walks from the scalar's first character, skip of them being its quote, to the
// offset. read returns how many characters the next one is written with, and how many
// bytes it has in the text; 0 is as many as it is written with.
func (n *node) step(skip, offset int, read func([]rune) (written, bytes int)) place {
	line := n.place.rest()
	i := skip
	for done := 0; done < offset; {
		if i >= len(line) {
			return n.place
		}
		written, bytes := read(line[i:])
		if bytes == 0 {
			bytes = utf8.RuneLen(line[i])
		}
		if written > len(line)-i {
			return n.place
		}
		i, done = i+written, done+bytes
	}
	at := n.place
	at.column += i
	return at
}

func singleQuotedRune(rs []rune) (written, bytes int) {
	if rs[0] == '\'' {
		return 2, 1
	}
	return 1, 0
}

func doubleQuotedRune(rs []rune) (written, bytes int) {
	if rs[0] != '\\' || len(rs) < 2 {
		return 1, 0
	}
	switch rs[1] {
	case 'x':
		return 4, hexLen(rs, 4)
	case 'u':
		return 6, hexLen(rs, 6)
	case 'U':
		return 10, hexLen(rs, 10)
	case 'N', '_': // U+0085, U+00A0
		return 2, 2
	case 'L', 'P': // U+2028, U+2029
		return 2, 3
	}
	return 2, 1
}

// hexLen is how many bytes the character of an escape like \u00e9 has.
func hexLen(rs []rune, to int) int {
	v, err := strconv.ParseUint(string(rs[2:min(to, len(rs))]), 16, 32)
	if err != nil {
		return 1
	}
	return max(1, utf8.RuneLen(rune(v)))
}

// locateInBlock finds a place in the text below a | or >.
func (n *node) locateInBlock(offset int) place {
	before := n.text[:offset]
	start := strings.LastIndexByte(before, '\n') + 1
	line, _, _ := strings.Cut(n.text[start:], "\n")
	at := n.place
	at.line += 1 + strings.Count(before, "\n")
	column := strings.Index(at.text(), line)
	if line == "" || column < 0 {
		return n.place
	}
	at.column = utf8.RuneCountInString(at.text()[:column]) + utf8.RuneCountInString(before[start:]) + 1
	return at
}
