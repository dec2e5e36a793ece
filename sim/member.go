package sim

import (
	"fmt"
	"strconv"

	"quorumlab/internal/text"
)

// MemberID numbers the members of a run from 1, in the order in which the
// scenario introduces them. 0 is the cluster as a whole, or nobody.
type MemberID uint16

// String is n1 for 1: the name that a member has unless the scenario names it.
func (m MemberID) String() string {
	if m == 0 {
		return "cluster"
	}
	return "n" + strconv.Itoa(int(m))
}

// Role is what a member is in raft's terms at a moment.
type Role uint8

// The roles. A learner is a member without a vote; it never campaigns.
const (
	RoleNone Role = iota
	Follower
	PreCandidate
	Candidate
	Leader
	Learner
)

var roleNames = [...]string{"", "follower", "pre-candidate", "candidate", "leader", "learner"}

func (r Role) String() string { return name(roleNames[:], int(r)) }

// MarshalText writes the role's name.
func (r Role) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads a role's name; an unknown one is an error.
func (r *Role) UnmarshalText(b []byte) error { return parseName(r, roleNames[:], "role", b) }

// name is the text of value i of an enumeration; a value without one (never
// written by this version) is shown as its number.
func name(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return "#" + strconv.Itoa(i)
}

func parseName[T ~uint8](dst *T, names []string, what string, b []byte) error {
	for i, n := range names {
		if n == string(b) {
			*dst = T(i)
			return nil
		}
	}
	return fmt.Errorf("unknown %s %q%s", what, b, text.DidYouMean(string(b), names))
}
