package check

import (
	"fmt"

	"quorumlab/sim"
)

// rule is one of the things that never happen in a correct cluster.
type rule uint8

const (
	electionSafety rule = iota
	appendOnly
	logMatching
	leaderCompleteness
	stateMachineSafety
	commitOrder
	rules
)

var ruleNames = [rules]string{"election safety", "leader append-only", "log matching",
	"leader completeness", "state machine safety", "commit order"}

// way is how a rule was broken: the format of the sentence, in which %[1]s is the
// member, %[2]s the time, %[3]d the index, %[4]d the term and %[5]s the member
// that did otherwise before.
type way string

const (
	secondLeader way = "%[1]s became leader of term %[4]d at %[2]s, although %[5]s already led that term"
	removedOwn   way = "%[1]s removed entries from index %[3]d on from its own log at %[2]s, as leader"
	replacedOwn  way = "%[1]s overwrote entry %[3]d of its own log at %[2]s, as leader"
	wrongPlace   way = "%[1]s appended entry %[3]d of term %[4]d at %[2]s after an entry of a term other than the " +
		"one it belongs after"
	otherBefore way = "%[1]s appended entry %[3]d of term %[4]d at %[2]s, after an entry of a different term than " +
		"%[5]s had"
	otherContent   way = "%[1]s appended entry %[3]d of term %[4]d at %[2]s with different content than %[5]s had there"
	lacksCommitted way = "%[1]s became leader of term %[4]d at %[2]s without the last entry that %[5]s knew to be " +
		"committed"
	committedOther   way = "%[1]s committed a different entry at index %[3]d at %[2]s than %[5]s had earlier"
	removedCommitted way = "%[1]s removed entries from index %[3]d on at %[2]s, though it had committed them"
	appliedOther     way = "%[1]s applied a different entry at index %[3]d at %[2]s than %[5]s had earlier"
	appliedAgain     way = "%[1]s applied entry %[3]d at %[2]s, but had already gone further"
	installedOther   way = "%[1]s installed a snapshot at index %[3]d at %[2]s that ends with a different entry than " +
		"%[5]s applied there"
	commitBack way = "the commit index of %[1]s went back to %[3]d at %[2]s"
)

// breach is a broken rule.
type breach struct {
	rule  rule
	way   way
	event sim.Event // that broke it
	other witness   // who did otherwise before, if it takes two
}

// breach records that a rule was broken; of each rule the first time is kept.
func (s *Safety) breach(r rule, w way, e *sim.Event, other witness) {
	s.count++
	for _, b := range s.broken {
		if b.rule == r {
			return
		}
	}
	s.broken = append(s.broken, breach{r, w, *e, other})
}

// Broken reports whether a rule has been broken so far.
func (s *Safety) Broken() bool { return s.count > 0 }

// Verdict is the judgement on the events seen so far. The trace gives the members'
// names; its events are not read.
func (s *Safety) Verdict(t *sim.Trace) sim.Verdict {
	v := sim.Verdict{Check: "safety", OK: len(s.broken) == 0}
	if v.OK {
		v.Why = s.acquittal()
		return v
	}
	for i, b := range s.broken {
		if i > 0 {
			v.Why += "; "
		}
		v.Why += b.sentence(t)
		v.Events = append(v.Events, seqs(b.other.seq, b.event.Seq)...)
		v.Members = appendMember(v.Members, b.event.Member, b.other.member)
	}
	if more := s.count - len(s.broken); more > 0 {
		v.Why += fmt.Sprintf("; and %d more %s", more, map[bool]string{true: "violation", false: "violations"}[more == 1])
	}
	return v
}

func (b *breach) sentence(t *sim.Trace) string {
	e, other := &b.event, t.Name(b.other.member)
	if b.other.member == e.Member {
		other = "it"
	}
	return ruleNames[b.rule] + ": " + fmt.Sprintf(string(b.way),
		t.Name(e.Member), moment(e.At), e.Index, e.Term, other)
}

// acquittal says what was judged, and what could not be seen.
func (s *Safety) acquittal() string {
	why := fmt.Sprintf("each of %s had one leader", number(s.asked[electionSafety], "term"))
	switch s.asked[electionSafety] {
	case 0:
		why = "no leader was elected"
	case 1:
		why = "one term had one leader"
	}
	if n := s.asked[logMatching]; n > 0 {
		why += fmt.Sprintf("; %s %s", number(n, "appended entry"), map[bool]string{true: "matches", false: "match"}[n == 1])
	}
	if n := s.asked[stateMachineSafety]; n > 0 {
		why += fmt.Sprintf("; %s %s", number(n, "applied entry"), map[bool]string{true: "agrees", false: "agree"}[n == 1])
	}
	if n := s.asked[commitOrder]; n > 0 {
		why += "; no commit index went back"
	}
	var unseen []string
	if s.asked[logMatching] == 0 {
		unseen = append(unseen, "appended")
	}
	if s.asked[stateMachineSafety] == 0 {
		unseen = append(unseen, "applied")
	}
	if len(unseen) > 0 {
		why += fmt.Sprintf(" (the engine does not show the entries that members %s, so those were not judged)", list(unseen))
	}
	return why
}
