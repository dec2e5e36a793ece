package script

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"quorumlab/internal/text"
	"quorumlab/sim"
)

// ParseLine reads a statement as people type it while a cluster runs, optionally
// followed by how long it lasts: "slow-disk leader 200ms for 10s". The step's At is
// 0. Its errors are SyntaxErrors.
func ParseLine(s string) (sim.Step, error) {
	ws := text.Words(s)
	n := len(ws)
	if n < 3 || ws[n-2].Text != "for" {
		do, err := Parse(s)
		return sim.Step{Do: do}, err
	}
	verb, length := verbs[ws[0].Text], ws[n-1]
	if verb == nil || slices.Contains(verb.Args, argText) { // a text may well end so
		do, err := Parse(s)
		return sim.Step{Do: do}, err
	}
	d, err := sim.ParseDuration(length.Text)
	switch {
	case err != nil:
		return sim.Step{}, sim.At(length.Offset, err)
	case d == 0:
		return sim.Step{}, sim.At(length.Offset, errors.New("a fault must last longer than 0"))
	case !verb.Lasts:
		return sim.Step{}, sim.At(ws[n-2].Offset, fmt.Errorf("%q is instantaneous; it can't last for %s", verb.Name,
			sim.FormatDuration(d)))
	}
	do, err := Parse(s[:ws[n-2].Offset])
	return sim.Step{Do: do, For: d}, err
}

// FormatLine writes a step as ParseLine reads it.
func FormatLine(s sim.Step) string {
	line := s.Do.String()
	if s.For > 0 {
		line += " for " + sim.FormatDuration(s.For)
	}
	return strings.TrimSpace(line)
}
