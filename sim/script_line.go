package sim

import (
	"errors"
	"fmt"
	"quorumlab/internal/text"
	"slices"
	"strings"
)

// ParseLine reads a statement as people type it while a cluster runs, which may say
// behind it how long it is to last: "slow-disk leader 200ms for 10s". The step's At is
// 0. Its errors are SyntaxErrors.
func ParseLine(s string) (Step, error) {
	ws := text.Words(s)
	n := len(ws)
	if n < 3 || ws[n-2].Text != "for" {
		do, err := ParseStatement(s)
		return Step{Do: do}, err
	}
	verb, length := verbs[ws[0].Text], ws[n-1]
	if verb == nil || slices.Contains(verb.Args, ArgText) { // a text may well end so
		do, err := ParseStatement(s)
		return Step{Do: do}, err
	}
	d, err := ParseDuration(length.Text)
	switch {
	case err != nil:
		return Step{}, At(length.Offset, err)
	case d == 0:
		return Step{}, At(length.Offset, errors.New("a fault lasts longer than 0"))
	case !verb.Lasts:
		return Step{}, At(ws[n-2].Offset, fmt.Errorf("%q is over at once; it can't last for %s", verb.Name, FormatDuration(d)))
	}
	do, err := ParseStatement(s[:ws[n-2].Offset])
	return Step{Do: do, For: d}, err
}

// FormatLine writes a step as ParseLine reads it.
func FormatLine(s Step) string {
	line := s.Do.String()
	if s.For > 0 {
		line += " for " + FormatDuration(s.For)
	}
	return strings.TrimSpace(line)
}
