package lessons

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadTextFile(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"text":     {"a: b\r\n\tc # ü\n", ""},
		"binary":   {"a\n\x7fELF", "answer:2:1: character U+007F can't be shown"},
		"latin":    {"a \xfc", "answer:1:3: byte 0xfc is not UTF-8"},
		"escape":   {"a \x1b[2J", "answer:1:3: character U+001B can't be shown"},
		"reversed": {"a \u202e", "answer:1:3: character U+202E can't be shown"},
		"large":    {strings.Repeat("put\n", 20000), "answer: an answer has at most 64 KiB"},
		"wide":     {strings.Repeat("x", 3000), "answer:1:2001: a line of an answer has at most 2000 characters"},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "answer"), []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		text, err := ReadTextFile(filepath.Join(dir, "answer"))
		switch {
		case c.want == "" && (err != nil || string(text) != c.text):
			t.Errorf("%s: got %q, %v", name, text, err)
		case c.want != "" && (err == nil || !strings.HasPrefix(strings.TrimPrefix(err.Error(), dir+"/"), c.want)):
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
}
