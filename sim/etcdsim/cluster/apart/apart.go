// Package apart keeps what happens in a synctest bubble apart in time, so that it happens in the same order each time.
//
// Goroutines that wake at the same instant run in any order, and on several processors at once. What they come to
// meanwhile may differ: two messages that arrive together are written to the log with one fsync or with two, and all
// times after that are others. But a bubble's time goes on only when all of its goroutines wait. So whatever comes from
// outside of a member (a message, the end of an fsync, a tick, bytes of a client, a statement) has nanoseconds of its
// own in each microsecond: no two of these happen at one instant, and each is done with before the next one.
package apart

import (
	"math/rand/v2"
	"strconv"
	"time"

	"quorumlab/sim"
)

// Slot is something that happens: the nanosecond that it has in each microsecond, from 0 to 999.
type Slot int

// Happening is what happens between two members, or to one.
type Happening int

// The kinds.
const (
	Message  Happening = iota // of raft, from a member to another one
	Passed                    // a proposal that a member passes on to the leader
	Request                   // of etcd's own, from a member to another one
	Snapshot                  // from a member to another one
	WayUp                     // bytes on the way of a client that has a place, and of a member: to it
	WayDown                   // and from it
	Tick                      // of a member's clock, which begins with its process
	Fsync                     // of a member's log
	Commit                    // of a member's database
	Up                        // bytes from a client to a member
	Down                      // bytes from a member to a client
	Script                    // a statement, and what is timed like one
	Load                      // an operation of the workload
	Proposal                  // of a member to its raft
	Read                      // a member's question to its raft
	Call                      // a client's request that has arrived
)

// members is more than a cluster may have.
const members = 9

// Of is what happens of a kind between two members, or a client and a member, or to the first one; 0 is none.
func Of(k Happening, a, b int) Slot {
	if k <= WayDown {
		return Slot((int(k)*members+a%members)*members + b%members) // below 486
	}
	return Slot((int(WayDown)+1)*members*members + int(k-Tick)*members + a%members) // below 576
}

// After is the first moment of a source that is not before t.
func (s Slot) After(t time.Time) time.Time {
	ahead := (int(s) - t.Nanosecond()%int(time.Microsecond) + int(time.Microsecond)) % int(time.Microsecond)
	return t.Add(time.Duration(ahead))
}

// Await waits for the source's next moment, which may be this one.
func (s Slot) Await() {
	if left := time.Until(s.After(time.Now())); left > 0 {
		<-time.After(left)
	}
}

// Stream is the random stream of one instant: what is drawn then does not depend on how much was drawn before, or by
// whom.
func Stream(seed uint64, name string, at time.Time) *rand.Rand {
	return sim.Stream(seed, name, strconv.FormatInt(at.UnixNano(), 10))
}
