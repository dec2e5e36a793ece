package scenarios

import (
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// However a text is written, every character of it is found where it stands.
func TestLocateFindsEveryCharacter(t *testing.T) {
	styles := map[string]func(string) string{
		"plain":         func(s string) string { return s },
		"single quotes": func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" },
		"double quotes": strconv.Quote,
		"escapes":       strconv.QuoteToASCII,
		"block":         func(s string) string { return "|-\n    " + s },
	}
	for name, write := range styles {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				text := rapid.StringMatching(`[a-z]([a-zéø世'"\\ 🜁]*[a-zé])?`).Draw(t, "text")
				src := newSource("a.yaml", "x:\n  - "+write(text)+"\n")
				root, problems := readTree(src, strings.Join(src.lines, "\n"))
				if len(problems) > 0 {
					t.Fatalf("%v", problems)
				}
				n := root.fields[0].value.items[0]
				if n.text != text {
					t.Fatalf("read as %q", n.text)
				}
				for offset, want := range text {
					at := n.locate(offset).rest()
					if !stands(string(at), want, name) {
						t.Fatalf("%q at %d is found at %q", want, offset, string(at))
					}
				}
			})
		})
	}
}

// stands reports whether a line begins with a character as the style writes it.
func stands(line string, want rune, style string) bool {
	if style == "escapes" || style == "double quotes" {
		got, _, _, err := strconv.UnquoteChar(line, '"')
		return err == nil && got == want
	}
	got, _ := utf8.DecodeRuneInString(line)
	return got == want
}
