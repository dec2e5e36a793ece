package sandbox

import (
	"slices"

	"quorumlab/sim"
)

// Completions lists what may stand behind the words, by what the language knows.
func (b *Sandbox) Completions(words []string) (list []string) {
	if len(words) == 0 {
		return b.firstWords()
	}
	v := sim.VerbNamed(words[0])
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
	for arg, word := range map[sim.Arg]string{sim.ArgArrow: "->", sim.ArgSides: "|"} {
		if slices.Contains(v.Args, arg) && len(words) > 1 {
			list = append(list, word)
		}
	}
	if v.Lasts && (len(words) > 1 || len(v.Args) == 0) {
		list = append(list, "for")
	}
	return list
}
