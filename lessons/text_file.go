package lessons

import (
	"fmt"
	"io"
	"unicode"
	"unicode/utf8"

	"quorumlab/internal/input"
)

// What an answer may be at most: far more than any task asks for, and little enough to be shown when it
// is wrong.
const (
	mostBytes   = 64 << 10
	mostColumns = 2000
)

// ReadTextFile reads a file that a learner wrote. Errors: the file system's, and that it is no text, or
// too much of it, with the place. No more than the limit is read.
func ReadTextFile(path string) ([]byte, error) {
	f, err := input.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadText(path, f)
}

// ReadText is ReadTextFile for a text from elsewhere; path is its name in errors.
func ReadText(path string, r io.Reader) ([]byte, error) {
	answer, err := io.ReadAll(io.LimitReader(r, mostBytes+1))
	if err != nil {
		return nil, err
	}
	if len(answer) > mostBytes {
		return nil, fmt.Errorf("%s: an answer has at most %d KiB", path, mostBytes>>10)
	}
	return answer, plainText(path, answer)
}

// plainText returns where a file is no text that a terminal can show.
func plainText(path string, answer []byte) error {
	line, column := 1, 0
	for at := 0; at < len(answer); {
		r, size := utf8.DecodeRune(answer[at:])
		column++
		switch {
		case r == utf8.RuneError && size == 1:
			return fmt.Errorf("%s:%d:%d: byte %#x is not UTF-8: an answer is a text file", path, line, column, answer[at])
		case r == '\n':
			line, column = line+1, 0
		case r != '\t' && r != '\r' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)):
			return fmt.Errorf("%s:%d:%d: character %U can't be shown: an answer is a text file", path, line, column, r)
		case column > mostColumns:
			return fmt.Errorf("%s:%d:%d: a line of an answer has at most %d characters", path, line, column, mostColumns)
		}
		at += size
	}
	return nil
}
