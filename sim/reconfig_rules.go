package sim

import (
	"cmp"
	"fmt"
	"strconv"
)

// OnByDefault is a rule that holds unless it is switched off. The zero value is on; its text is true or false.
type OnByDefault bool

// Off switches a rule off.
const Off OnByDefault = true

// On reports whether the rule holds.
func (o OnByDefault) On() bool { return o != Off }

// MarshalText writes true or false.
func (o OnByDefault) MarshalText() ([]byte, error) { return strconv.AppendBool(nil, o.On()), nil }

// UnmarshalText reads true or false.
func (o *OnByDefault) UnmarshalText(b []byte) error {
	switch string(b) {
	case "true":
		*o = false
	case "false":
		*o = Off
	default:
		return fmt.Errorf("%q is neither true nor false", b)
	}
	return nil
}

// LearnerLimit is how many learners a cluster takes at once. The zero value is etcd's default, 1.
type LearnerLimit int

// defaultLearners is what an etcd cluster takes unless --max-learners says otherwise.
const defaultLearners = 1

// N is the number, at least 1.
func (l LearnerLimit) N() int { return cmp.Or(int(l), defaultLearners) }

// MarshalText writes the number.
func (l LearnerLimit) MarshalText() ([]byte, error) {
	return strconv.AppendInt(nil, int64(l.N()), 10), nil
}

// UnmarshalText reads a number from 1 to MaxMembers.
func (l *LearnerLimit) UnmarshalText(b []byte) error {
	n, err := strconv.Atoi(string(b))
	if err != nil || n < 1 || n > MaxMembers {
		return fmt.Errorf("a cluster takes 1 to %d learners at once, not %s", MaxMembers, b)
	}
	if *l = LearnerLimit(n); n == defaultLearners {
		*l = 0
	}
	return nil
}
