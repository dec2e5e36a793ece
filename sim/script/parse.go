package script

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"quorumlab/internal/text"
	"quorumlab/sim"
)

// maxStatement is how long a statement may be, in bytes: enough for every member of
// the largest cluster by name.
const maxStatement = 8 << 10

// allStatements says where they are listed: they are too many for an error.
const allStatements = "quorumlab list statements shows them"

// ParseStatement reads a statement. Its errors are SyntaxErrors, which say where in
// the text they are. Names of members are not looked up here; Scenario.Validate does.
func Parse(s string) (sim.Statement, error) {
	if len(s) > maxStatement {
		return sim.Statement{}, sim.At(maxStatement, fmt.Errorf("the statement has %d bytes; the maximum is %d", len(s),
			maxStatement))
	}
	ws := text.Words(s)
	if len(ws) == 0 {
		return sim.Statement{}, sim.At(0, errors.New("the statement is empty; "+allStatements))
	}
	v := verbs[ws[0].Text]
	if v == nil {
		return sim.Statement{}, sim.At(ws[0].Offset, fmt.Errorf("unknown statement %q%s",
			ws[0].Text, text.DidYouMeanOr(ws[0].Text, verbNames(), allStatements)))
	}
	takesRest := slices.ContainsFunc(v.Args, func(a *Arg) bool { return a.rest && a.Words == nil })
	if i := len(ws) - 2; i > 0 && ws[i].Text == "for" && !takesRest {
		if _, err := sim.ParseDuration(ws[i+1].Text); err == nil {
			return sim.Statement{}, sim.At(ws[i].Offset, fmt.Errorf("in a script the duration stands beside the statement: "+
				"{at: ..., do: %s, for: %s}", strings.TrimSpace(s[:ws[i].Offset]), ws[i+1].Text))
		}
	}
	if last := ws[len(ws)-1]; v.Insists && last.Text == wordRetry {
		return sim.Statement{}, explain(v, sim.At(last.Offset, fmt.Errorf("%q is not needed: %s asks until the cluster "+
			"takes what it asks for", wordRetry, v.Name)))
	}
	p := argParser{text: s, ws: ws[1:], st: sim.Statement{Verb: v.Name, Form: v}}
	for i, a := range v.Args {
		if err := p.arg(a, p.trailing(v.Args[i+1:])); err != nil {
			return sim.Statement{}, explain(v, err)
		}
	}
	if len(p.ws) > 0 {
		return sim.Statement{}, sim.At(p.ws[0].Offset, fmt.Errorf("unexpected %q; the usage is %q, for example %q",
			p.ws[0].Text, v.Usage(), v.Example))
	}
	return p.st, nil
}

// explain adds the verb's usage to an error and keeps its place.
func explain(v *Verb, err error) error {
	place := 0
	var s *sim.SyntaxError
	if errors.As(err, &s) {
		place, err = s.Offset, s.Err
	}
	return &sim.SyntaxError{Offset: place, Err: fmt.Errorf("%w; the usage is %q, for example %q", err, v.Usage(),
		v.Example)}
}

type argParser struct {
	text string
	ws   []text.Word
	st   sim.Statement
}

// end is the place behind the last word.
func (p *argParser) end() int { return len(strings.TrimRightFunc(p.text, unicode.IsSpace)) }

// trailing is how many words the arguments behind one take: one each, but two a quantile for
// a distribution by quantiles.
func (p *argParser) trailing(args []*Arg) int {
	n := len(args)
	if n > 0 && args[n-1] == argRetry && (len(p.ws) == 0 || p.ws[len(p.ws)-1].Text != wordRetry) {
		n--
	}
	if n > 0 && args[n-1] == argWith {
		with := slices.IndexFunc(p.ws, func(w text.Word) bool { return w.Text == wordWith })
		if with < 0 {
			return n - 1
		}
		return n - 1 + len(p.ws) - with
	}
	if n > 0 && args[n-1] == argAs {
		return n + 1 // with the word "as"
	}
	if n > 0 && args[n-1] == argDistribution {
		words := 0
		for len(p.ws) > words+2 && isQuantile(p.ws[len(p.ws)-words-2].Text) {
			words += 2
		}
		n += max(words-1, 0)
	}
	return n
}

// isQuantile reports whether a word begins a part of a distribution by quantiles.
func isQuantile(word string) bool {
	_, err := sim.ParseQuantile(word)
	return err == nil || word == "max"
}

// arg reads one argument; after is how many words behind it belong to others.
func (p *argParser) arg(a *Arg, after int) error {
	n := 1
	switch {
	case a.Members:
		n = len(p.ws) - after
	case a.rest:
		n = len(p.ws)
	case a == argDistribution && len(p.ws) > 0 && isQuantile(p.ws[0].Text):
		for n = min(4, len(p.ws)); len(p.ws) > n+1 && isQuantile(p.ws[n].Text); {
			n += 2
		}
	}
	if n <= 0 || len(p.ws) == 0 {
		if a.optional {
			return nil
		}
		return sim.At(p.end(), errors.New(a.missing))
	}
	ws := p.ws[:n]
	p.ws = p.ws[n:]
	switch {
	case a.Members:
		return p.groups(a, ws)
	case a.rest:
		err := a.read(&p.st, strings.TrimRightFunc(p.text[ws[0].Offset:], unicode.IsSpace))
		return sim.At(ws[0].Offset, err)
	}
	texts := make([]string, n)
	for i, w := range ws {
		texts[i] = w.Text
	}
	return sim.At(ws[0].Offset, a.read(&p.st, strings.Join(texts, " ")))
}

// errOneMember stands at the first of the words, where other errors of members stand at the last.
var errOneMember = errors.New("exactly one member is expected here")

// asked are the verbs that take a retry.
func asked() (names []string) {
	for _, name := range verbNames() {
		if slices.Contains(verbs[name].Args, argRetry) {
			names = append(names, name)
		}
	}
	return names
}

// groups reads members, side by side.
func (p *argParser) groups(a *Arg, ws []text.Word) error {
	var side []text.Word
	flush := func(offset int) error {
		if len(side) == 0 {
			return sim.At(offset, fmt.Errorf("a side of %q is empty", a.Separator))
		}
		from, last := side[0].Offset, side[len(side)-1]
		g, err := sim.ParseSelectors(p.text[from : last.Offset+len(last.Text)])
		p.st.Groups = append(p.st.Groups, g)
		side = nil
		return sim.At(from, err)
	}
	for _, w := range ws {
		switch {
		case w.Text == a.Separator && a.Separator != "":
			if err := flush(w.Offset); err != nil {
				return err
			}
		case w.Text == wordRetry:
			return sim.At(w.Offset, fmt.Errorf("%q can only stand at the end of %s", wordRetry, strings.Join(asked(), ", ")))
		case w.Text == "|" || w.Text == "->":
			return sim.At(w.Offset, fmt.Errorf("%q does not belong here", w.Text))
		default:
			side = append(side, w)
		}
	}
	last := ws[len(ws)-1]
	if err := flush(last.Offset); err != nil || a.groups == nil {
		return err
	}
	err := a.groups(&p.st)
	if err == errOneMember {
		return sim.At(ws[0].Offset, err)
	}
	return sim.At(last.Offset, err)
}
