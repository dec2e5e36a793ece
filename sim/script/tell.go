package script

import (
	"fmt"
	"slices"
	"strings"

	"quorumlab/internal/text"
	"quorumlab/sim"
)

// Tell fills in one of the verb's sentences (Verb.Began, Verb.Over) with what the
// statement says. call names a member; it may add what people should know about it.
//
// In braces a sentence has
//
//	{0} {1}        the members of the statement's sides; {1 from} says "from" before each side behind the first
//	{links}        from where to where: " from n1 to n2", or " between n1 and n2" when both sides are the same members
//	{was|were}     the word for one member on side 0, or for several
//	{without}      " without n1", or nothing when the statement names no members
//	{at}           " at n1 and n2", or nothing when the statement names no members
//	{distribution} {rate}   an argument, by the slot that its shape has: see Arg
func Tell(s sim.Statement, sentence string, call func(name string) string) string {
	var out strings.Builder
	for {
		before, rest, ok := strings.Cut(sentence, "{")
		out.WriteString(before)
		if !ok {
			return out.String()
		}
		var slot string
		slot, sentence, _ = strings.Cut(rest, "}")
		out.WriteString(fill(s, slot, call))
	}
}

// TellBegan tells what a statement did when it took effect (Verb.Began), apart from members that were so
// already (Verb.Already). state tells whether a member, or "client c1", was up and paused
// just before.
func TellBegan(s sim.Statement, state func(name string) (up, paused bool), call func(name string) string) string {
	verb := VerbNamed(s.Verb)
	if verb.AlreadySo == nil || len(s.Groups) == 0 {
		return Tell(s, verb.Began, call)
	}
	var changed, same []sim.Selector
	for _, x := range s.Groups[0] {
		if verb.AlreadySo(state(x.String())) {
			same = append(same, x)
		} else {
			changed = append(changed, x)
		}
	}
	var told []string
	for _, part := range []struct {
		members  []sim.Selector
		sentence string
	}{{changed, verb.Began}, {same, verb.Already}} {
		if len(part.members) > 0 {
			p := s
			p.Groups = [][]sim.Selector{part.members}
			told = append(told, Tell(p, part.sentence, call))
		}
	}
	return strings.Join(told, "; ")
}

func fill(s sim.Statement, slot string, call func(name string) string) string {
	if one, many, ok := strings.Cut(slot, "|"); ok {
		if len(s.Groups) > 0 && len(s.Groups[0]) > 1 {
			return many
		}
		return one
	}
	word, before, _ := strings.Cut(slot, " ")
	switch word {
	case "0":
		return side(s, 0, call)
	case "1":
		sides := make([]string, 0, len(s.Groups))
		for i := 1; i < len(s.Groups); i++ {
			sides = append(sides, side(s, i, call))
		}
		between := " and "
		if before != "" {
			between += before + " "
		}
		return strings.Join(sides, between)
	case "links":
		if len(s.Groups) == 2 && len(s.Groups[0]) > 1 && slices.Equal(s.Groups[0], s.Groups[1]) {
			return "between " + side(s, 0, call)
		}
		return "from " + side(s, 0, call) + " to " + side(s, 1, call)
	case "without":
		if len(s.Groups) == 0 {
			return ""
		}
		return " without " + side(s, 0, call)
	case "at":
		if len(s.Groups) == 0 {
			return ""
		}
		return " at " + side(s, 0, call)
	}
	for _, a := range verbs[s.Verb].Args {
		if tell, ok := a.slots[word]; ok {
			return tell(s)
		}
	}
	return "{" + slot + "}"
}

// side names the members of a side; of a long one the first.
func side(s sim.Statement, i int, call func(name string) string) string {
	if i >= len(s.Groups) {
		return ""
	}
	names := make([]string, len(s.Groups[i]))
	for j, x := range s.Groups[i] {
		names[j] = x.String()
		if x.By == sim.ByName {
			names[j] = call(x.Name)
		}
	}
	return text.Names(names)
}

// TellNotDone says what became of a statement that was not carried out, as a sim.KindFaultFailed has it:
// by whom it was refused, in whose words. call names a member.
func TellNotDone(e *sim.Event, call func(sim.MemberID) string) string {
	statement, why, _ := strings.Cut(e.Note, ": ")
	what := "could not be carried out"
	switch sim.NotDoneOutcome(e) {
	case sim.StepUnfinished:
		return fmt.Sprintf("%q %s", statement, TellUnfinished(why))
	case sim.StepUndone:
		what = "was undone"
	case sim.StepRefused:
		what = "was refused"
		if e.Peer > 0 {
			what += " by " + call(e.Peer)
		}
	default:
		if st, err := Parse(statement); err == nil && e.ID > 0 && verbs[st.Verb].Lasts {
			what += " in full"
		}
	}
	return fmt.Sprintf("%q %s: %s", statement, what, why)
}

// TellUnfinished says that a statement was not finished, and why, as far as it is not just that the run ended.
func TellUnfinished(why string) string {
	if rest, ended := strings.CutPrefix(why, sim.ErrRunEnded.Error()); ended {
		return "was not finished when the run ended" + rest
	}
	return "was not finished: " + why
}
