package sim

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ParseLine reads a statement as people type it while a cluster runs, which may say
// behind it how long it is to last: "slow-disk leader 200ms for 10s". The step's At is
// 0. Its errors are SyntaxErrors.
func ParseLine(text string) (Step, error) {
	ws := words(text)
	n := len(ws)
	if n < 3 || ws[n-2].text != "for" {
		do, err := ParseStatement(text)
		return Step{Do: do}, err
	}
	verb, length := verbs[ws[0].text], ws[n-1]
	if verb == nil || slices.Contains(verb.Args, ArgText) { // a text may well end so
		do, err := ParseStatement(text)
		return Step{Do: do}, err
	}
	d, err := ParseDuration(length.text)
	switch {
	case err != nil:
		return Step{}, at(length.offset, err)
	case d == 0:
		return Step{}, at(length.offset, errors.New("a fault lasts longer than 0"))
	case !verb.Lasts:
		return Step{}, at(ws[n-2].offset, fmt.Errorf("%q is over at once; it can't last for %s", verb.Name, FormatDuration(d)))
	}
	do, err := ParseStatement(text[:ws[n-2].offset])
	return Step{Do: do, For: d}, err
}

// Line is the step as ParseLine reads it.
func (s Step) Line() string {
	line := s.Do.String()
	if s.For > 0 {
		line += " for " + FormatDuration(s.For)
	}
	return strings.TrimSpace(line)
}
