package house

import (
	"bytes"
	"go/scanner"
	"go/token"
	"strings"
	"testing"
	"unicode/utf8"
)

// widest is how many columns a line of code may have, a tab being one: a diff of two files side by
// side has room for no more. Text in back quotes can't be broken, nor can what an example prints.
const widest = 120

func TestNoLineIsTooLong(t *testing.T) {
	each(t, func(f *file) {
		quoted, output := backQuoted(f.text), false
		for i, line := range bytes.Split(f.text, []byte("\n")) {
			comment := bytes.HasPrefix(bytes.TrimLeft(line, "\t"), []byte("//"))
			output = comment && (output || bytes.Contains(line, []byte("// Output:")))
			if n := utf8.RuneCount(line); n > widest && !quoted[i+1] && !output {
				t.Errorf("%s:%d has %d columns; the most is %d", f.path, i+1, n, widest)
			}
		}
	})
}

// backQuoted are the lines with text in back quotes.
func backQuoted(text []byte) map[int]bool {
	lines := map[int]bool{}
	set := token.NewFileSet()
	in := set.AddFile("", -1, len(text))
	var s scanner.Scanner
	s.Init(in, text, nil, 0)
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			return lines
		}
		if tok == token.STRING && lit[0] == '`' {
			first := in.Position(pos).Line
			for i := range strings.Count(lit, "\n") + 1 {
				lines[first+i] = true
			}
		}
	}
}
