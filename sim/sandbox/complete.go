package sandbox

import (
	"quorumlab/sim"
	"quorumlab/sim/script"
)

// Completions lists what may follow the words, according to the language.
func (b *Sandbox) Completions(words []string) (list []string) {
	if len(words) == 0 {
		return b.firstWords()
	}
	v := script.VerbNamed(words[0])
	switch {
	case words[0] == "help" && len(words) == 1:
		return b.firstWords()
	case words[0] == "wait" && len(words) == 1:
		return []string{"leader"}
	case words[0] == "wait" && len(words) == 2 && words[1] == "leader":
		return []string{"for"}
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
		if len(words) > 1 {
			list = append(list, a.Words...)
		}
	}
	if v.Lasts && (len(words) > 1 || len(v.Args) == 0) {
		list = append(list, "for")
	}
	return list
}
