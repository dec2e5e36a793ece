package main

import (
	"io"
	"slices"
	"strings"

	"quorumlab/sim"
	"quorumlab/sim/script"
)

// completer completes words at the prompt.
type completer struct {
	b   *sandbox
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
	for _, w := range c.b.completions(words) {
		if strings.HasPrefix(w, begun) {
			fit = append(fit, w)
		}
	}
	slices.Sort(fit)
	more := commonPrefix(fit)[min(len(begun), len(commonPrefix(fit))):]
	switch {
	case len(fit) == 1:
		more += " "
	case len(fit) > 1 && more == "":
		hanging(c.out, "  ", strings.Join(fit, "  "))
	}
	return before + more + line[pos:], pos + len(more), true
}

// commonPrefix is what all texts begin with.
func commonPrefix(list []string) string {
	if len(list) == 0 {
		return ""
	}
	prefix := list[0]
	for _, s := range list[1:] {
		for !strings.HasPrefix(s, prefix) {
			prefix = prefix[:len(prefix)-1]
		}
	}
	return prefix
}

// completions lists what may stand behind the words, by what the language knows.
func (b *sandbox) completions(words []string) (list []string) {
	if len(words) == 0 {
		return b.firstWords()
	}
	v := script.VerbNamed(words[0])
	switch {
	case words[0] == "help" && len(words) == 1:
		return b.verbNames()
	case words[0] == "wait" && len(words) == 1:
		return []string{"leader"}
	case v == nil:
		return nil
	}
	if hasMembers(v) {
		for _, m := range b.live.Scenario().Members() {
			list = append(list, m.Name)
		}
		list = append(list, sim.SelectorWords()...)
		list = append(list, "random", "zone")
	}
	for _, a := range v.Args {
		if a.Separator != "" && len(words) > 1 {
			list = append(list, a.Separator)
		}
	}
	if v.Lasts && (len(words) > 1 || len(v.Args) == 0) {
		list = append(list, "for")
	}
	return list
}
