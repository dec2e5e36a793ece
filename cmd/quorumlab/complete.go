package main

import (
	"io"
	"slices"
	"strings"

	"quorumlab/internal/text"
	"quorumlab/sim/sandbox"
)

// completer completes words at the prompt.
type completer struct {
	b   *sandbox.Sandbox
	out io.Writer
}

// key is called for each key; it knows Tab. One candidate is put in, of several what
// they have in common, and if that is nothing they are listed.
func (c completer) key(line string, pos int, key rune) (string, int, bool) {
	if key != '\t' {
		return "", 0, false
	}
	before := line[:pos]
	words := strings.Fields(before)
	begun := ""
	if n := len(words); n > 0 && !strings.HasSuffix(before, " ") {
		begun, words = words[n-1], words[:n-1]
	}
	var fit []string
	for _, w := range c.b.Completions(words) {
		if strings.HasPrefix(w, begun) {
			fit = append(fit, w)
		}
	}
	slices.Sort(fit)
	shared := text.CommonPrefix(fit)
	more := shared[min(len(begun), len(shared)):]
	switch {
	case len(fit) == 1:
		more += " "
	case len(fit) > 1 && more == "":
		hanging(c.out, "  ", strings.Join(fit, "  "))
	}
	return before + more + line[pos:], pos + len(more), true
}
