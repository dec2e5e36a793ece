package script

import (
	"fmt"
	"slices"
	"strings"

	"quorumlab/internal/text"
	"quorumlab/sim"
)

// option is a word at the end of a statement that may be left out, with what belongs to it.
type option struct {
	word  string
	shape string // of what follows the word; empty: nothing does
	read  func(st *sim.Statement, what string) error
	write func(st sim.Statement) string // what follows the word
	given func(st sim.Statement) bool
}

// options is an argument of options, in any order. They are written in this one.
func options(all ...option) *Arg {
	a := &Arg{rest: true, optional: true}
	var shapes []string
	for _, o := range all {
		a.Words = append(a.Words, o.word)
		shapes = append(shapes, "["+strings.TrimSpace(o.word+" "+o.shape)+"]")
	}
	a.Shape = strings.Join(shapes, " ")
	a.read = func(st *sim.Statement, s string) error { return readOptions(st, s, all) }
	a.write = func(st sim.Statement) string {
		var words []string
		for _, o := range all {
			if o.given(st) {
				words = append(words, o.word)
			}
			if o.given(st) && o.shape != "" {
				words = append(words, o.write(st))
			}
		}
		return strings.Join(words, " ")
	}
	return a
}

// readOptions reads them. What belongs to one goes on to the word of the next. Errors say where they are.
func readOptions(st *sim.Statement, s string, all []option) error {
	find := func(word string) int { return slices.IndexFunc(all, func(o option) bool { return o.word == word }) }
	var names []string
	for _, o := range all {
		names = append(names, o.word)
	}
	ws := text.Words(s)
	for len(ws) > 0 {
		w := ws[0]
		i := find(w.Text)
		if i < 0 {
			return sim.At(w.Offset, fmt.Errorf("unexpected %q%s", w.Text,
				text.DidYouMeanOr(w.Text, names, "here can stand "+list(names))))
		}
		o := all[i]
		if o.given(*st) {
			return sim.At(w.Offset, fmt.Errorf("%q stands here twice", w.Text))
		}
		n := 1
		for o.shape != "" && n < len(ws) && find(ws[n].Text) < 0 {
			n++
		}
		if o.shape != "" && n == 1 {
			return sim.At(w.Offset, fmt.Errorf("%s is missing behind %q", o.shape, w.Text))
		}
		at, what := w.Offset, ""
		if n > 1 {
			at, what = ws[1].Offset, s[ws[1].Offset:ws[n-1].Offset+len(ws[n-1].Text)]
		}
		if err := o.read(st, what); err != nil {
			return sim.At(at, err)
		}
		ws = ws[n:]
	}
	return nil
}

// list joins words with commas and an "or".
func list(words []string) string {
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " or " + words[n-1]
	}
	return strings.Join(words, "")
}

// by says which client does it.
var by = option{word: "by", shape: "CLIENT",
	read:  func(st *sim.Statement, s string) (err error) { st.Client, err = sim.ParseClient(s); return err },
	write: func(st sim.Statement) string { return sim.ClientName(st.Client) },
	given: func(st sim.Statement) bool { return st.Client > 0 },
}

// tellBy names the client at the beginning of a sentence.
func tellBy(st sim.Statement) string {
	if st.Client == 0 {
		return "a client"
	}
	return sim.ClientName(st.Client)
}
