package text

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

func TestHanging(t *testing.T) {
	long := strings.Repeat("word ", 30)
	for _, tt := range []struct{ name, label, words, want string }{
		{"short", "  ok  ", "all is well", "  ok  all is well\n"},
		{"nothing", "label", "", "label\n"},
		{"a long word stays whole", "  ", "see " + strings.Repeat("x", 90), "  see\n  " + strings.Repeat("x", 90) + "\n"},
		{"the first word stays with its label", "  ", strings.Repeat("x", 90), "  " + strings.Repeat("x", 90) + "\n"},
		{"further lines hang", "    ", long, "    " + strings.TrimRight(strings.Repeat("word ", 15), " ") + "\n    " +
			strings.TrimRight(strings.Repeat("word ", 15), " ") + "\n"},
		{"letters have columns, not bytes", "  ✓ ", "é " + long,
			"  ✓ é " + strings.TrimRight(strings.Repeat("word ", 15), " ") + "\n    " +
				strings.TrimRight(strings.Repeat("word ", 15), " ") + "\n"},
		{"escapes have none", "\x1b[1m  \x1b[0m", strings.Repeat("1234 ", 16), "\x1b[1m  \x1b[0m" +
			strings.TrimRight(strings.Repeat("1234 ", 15), " ") + "\n  1234\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out strings.Builder
			Hanging(&out, tt.label, tt.words)
			if out.String() != tt.want {
				t.Errorf("got\n%q\nwant\n%q", out.String(), tt.want)
			}
		})
	}
}

// FuzzHanging holds that no word is lost, and that only a word that is too long makes a line so.
func FuzzHanging(f *testing.F) {
	f.Add("  ok  ", "a text of some words")
	f.Fuzz(func(t *testing.T, label, words string) {
		if strings.ContainsAny(label, "\r\n\x1b\u009b") || strings.Contains(words, "\x1b") ||
			!utf8.ValidString(label+words) || len(label) > 40 {
			t.Skip("labels are ours")
		}
		var out strings.Builder
		Hanging(&out, label, words)
		got, want := strings.Fields(out.String()), strings.Fields(label+words)
		if strings.Join(got, "") != strings.Join(want, "") {
			t.Fatalf("%q became %q", want, got)
		}
		for _, line := range strings.Split(out.String(), "\n")[1:] {
			if ansi.StringWidth(line) > Columns && len(strings.Fields(line)) > 1 {
				t.Fatalf("%q has %d columns", line, ansi.StringWidth(line))
			}
		}
	})
}

func TestTable(t *testing.T) {
	long := strings.Repeat("x", 60)
	words := strings.TrimSpace(strings.Repeat("word ", 10))
	for _, tt := range []struct {
		name string
		rows [][]string
		want string
	}{
		{"nothing", nil, ""},
		{"all fit", [][]string{{"member", "state"}, {"n1", "up"}, {"n2"}}, "  member  state\n  n1      up\n  n2\n"},
		{"the widest are wrapped", [][]string{{"a", "b", "c"}, {words, words, "last"}},
			"  a" + strings.Repeat(" ", 36) + "b" + strings.Repeat(" ", 36) + "c\n" +
				"  word word word word word word word   word word word word word word word   last\n" +
				"  word word word                       word word word\n"},
		{"no room is left", [][]string{{"a", "the head"}, {long, long}, {"x", "y"}},
			"  a         " + long + "\n  the head  " + long + "\n\n  a         x\n  the head  y\n"},
		{"letters have columns", [][]string{{"✓", "x"}, {"ab", "x"}}, "  ✓   x\n  ab  x\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out strings.Builder
			Table(&out, "  ", tt.rows)
			if out.String() != tt.want {
				t.Errorf("got\n%s\nwant\n%s", out.String(), tt.want)
			}
		})
	}
	many := make([]string, 30)
	for i := range many {
		many[i] = long
	}
	var out strings.Builder
	Table(&out, "", [][]string{many})
	if got := len(strings.Fields(out.String())); got != len(many) {
		t.Errorf("of %d columns %d are left", len(many), got)
	}
}

// FuzzTable holds that every word of every cell is written.
func FuzzTable(f *testing.F) {
	f.Add("name age", "Anna, who is from far away, and came with friends", strings.Repeat("x", 90))
	f.Add("", "  ", "\t")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		if !utf8.ValidString(a+b+c) || strings.ContainsAny(a+b+c, "\n\r\x1b\u009b") {
			t.Skip("cells are texts of one line")
		}
		var out strings.Builder
		Table(&out, "  ", [][]string{{"one", "two", "three"}, {a, b, c}})
		for _, word := range strings.Fields(a + " " + b + " " + c) {
			if !strings.Contains(out.String(), word) {
				t.Fatalf("%q is missing in\n%s", word, out.String())
			}
		}
	})
}

func TestWords(t *testing.T) {
	for _, tt := range []struct{ name, got, want string }{
		{"one", Counted(1, "run"), "1 run"},
		{"none", Counted(0, "run"), "0 runs"},
		{"some", Counted(3, "run"), "3 runs"},
		{"sentence", Capitalized("it crashed"), "It crashed"},
		{"a name", Capitalized("n1, n2 crashed", "n1"), "n1, n2 crashed"},
		{"no sentence", Capitalized(""), ""},
		{"prefix", CommonPrefix([]string{"crash", "crashed", "cross"}), "cr"},
		{"no prefix", CommonPrefix([]string{"crash", "heal"}), ""},
		{"of nothing", CommonPrefix(nil), ""},
		{"short name", KeepEnd("three.yaml", 10), "three.yaml"},
		{"long name", KeepEnd("some/folder/three.yaml", 10), "...ee.yaml"},
		{"trimmed", TrimLines("a  \n\n b \n"), "a\n\n b\n"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, tt.got, tt.want)
		}
	}
}
