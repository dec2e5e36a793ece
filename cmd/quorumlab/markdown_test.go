package main

import (
	"bytes"
	"strings"
	"testing"
)

// TestMarkdownIsLaidOutAnew holds that where a line of the source ends does not matter, but
// in code.
func TestMarkdownIsLaidOutAnew(t *testing.T) {
	text := "A paragraph\nof two lines.\n\n1. an item\n   that goes on\n2. another\n\n    put a 1\n    put b " +
		"2\n\n```\none\ntwo\n```\n| a | b |\n|---|---|\n| 1 | 2 |\n"
	want := "A paragraph of two lines.\n\n1. an item that goes on\n2. another\n\n    put a 1\n    put b " +
		"2\n\n```\none\ntwo\n```\n| a | b |\n|---|---|\n| 1 | 2 |"
	if got := unwrapped(text); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	var out bytes.Buffer
	if err := showMarkdown(streams{out: &out}, text); err != nil {
		t.Fatal(err)
	}
	if err := showMarkdown(streams{out: &out}, "see [etcd](https://etcd.io) and https://raft.github.io"); err != nil {
		t.Fatal(err)
	}
	if err := showMarkdown(streams{out: &out}, "run `quorumlab up`"); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(out.Bytes(), []byte("run `quorumlab up`")) {
		t.Errorf("nothing sets code apart where there is no colour: %q", out.String())
	}
	if bytes.Contains(out.Bytes(), []byte("\x1b")) {
		t.Errorf("there are escapes in what no terminal shows: %q", out.String())
	}
	long := strings.Repeat("word ", 30)
	out.Reset()
	if err := showMarkdown(streams{out: &out}, "- "+long+"\n- next\n\nA paragraph.\n\n1. "+long+"\n"); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"\n    word", "\n     word", "\n  A paragraph."} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("%q is not in\n%s", line, out.String())
		}
	}
	for line := range strings.Lines(out.String()) {
		if len([]rune(line)) > columns+1 {
			t.Errorf("%q is longer than %d columns", line, columns)
		}
	}
	out.Reset()
	flags := strings.Repeat("`--client-cert-auth` and `--trusted-ca-file` ", 9)
	code := strings.Repeat("x ", 36) + "end\n"
	aligned := strings.Repeat(" ", 25) + strings.Repeat("y ", 24) + "end\n"
	if err := showMarkdown(streams{out: &out}, flags+"\n\n    "+code+"    "+aligned); err != nil {
		t.Fatal(err)
	}
	if shown := out.String(); strings.Contains(shown, "-\n") || !strings.Contains(shown, code) ||
		!strings.Contains(shown, aligned) ||
		strings.Contains(shown, hyphen) {
		t.Errorf("code is broken at a hyphen, or a line of it in two, in\n%s", out.String())
	}
	out.Reset()
	if err := showMarkdown(streams{out: &out}, text); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"1. an item that goes on\n", "put a 1\n"} {
		if !bytes.Contains(out.Bytes(), []byte(line)) {
			t.Errorf("%q is not in\n%s", line, out.String())
		}
	}
}
