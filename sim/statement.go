package sim

import (
	"fmt"
	"slices"
	"strings"
)

// Statement is one action of a script as a value. Package script reads it, writes it
// by the form that its verb has, and carries it out. Which fields a verb uses, the verb
// says; the others are zero.
type Statement struct {
	Verb         string
	Form         Form         // how its verb writes it and what it may say; nil: a verb without arguments
	Groups       [][]Selector // partition: the sides; links: from and to; else one group
	Distribution Distribution
	Share        Share
	Pace         Pace // of the clients
	Speed        Size // bytes a second
	Number       int64
	Second       int64 // another number behind it
	Size         Size
	New          string // the name of a member that the statement adds
	Key          string
	Text         string // to the end of the line
	Retry        bool   // what is refused is asked for again
	With         MemberSettings
	Join         []string // the names of members that the statement adds, several at once
	TTL          TTL
	Client       int // by number; 0: one of the statement's own
	Watch        WatchHow
	Fenced       bool // what a lock guards looks at tokens
}

// Form is what a scenario needs to know of a statement's verb. Package script has the
// verbs.
type Form interface {
	// Text is the statement's text form, which the language reads as the same statement.
	Text(st Statement) string
	// Problems lists what is impossible in the scenario's step. Their paths are relative to
	// the step: "do" or "for".
	Problems(s *Scenario, step Step) []Problem
}

// String is the text form, with one space between words.
func (s Statement) String() string {
	if s.Form == nil {
		return s.Verb
	}
	return s.Form.Text(s)
}

// MarshalText writes the text form.
func (s Statement) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// CheckName returns what is wrong with a name for a member or a zone: it must have letters,
// digits, dots, dashes and underscores only, and must not be a word of the language.
func CheckName(s string) error {
	bad := s == "" || len(s) > 40 || strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.')
	})
	if bad || s[0] == '-' {
		return fmt.Errorf("%q is not a name: use letters, digits, dots, dashes and underscores, up to 40", s)
	}
	words := []string{"zone", "random", "retry", "with", "p50", "p99", wordClient, wordClients}
	if _, taken := byWords[s]; taken || slices.Contains(words, s) {
		return fmt.Errorf("%q is a word of the language and can't be a name", s)
	}
	return nil
}
