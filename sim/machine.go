package sim

import "fmt"

// Machine is what real members take on one machine, as measured there. The sim engine can take it
// in the place of its defaults, to predict runs on that machine. The zero value is no machine.
type Machine struct {
	Fsync  Times // an fsync of a member's log
	Commit Times // a commit of a member's database, with its two fsyncs
	Client Law   // a client's request or answer on its way, its handling by the member included; one way
	Hop    Law   // a message between members, beside what its link takes
}

// IsZero tells whether it is no machine.
func (m Machine) IsZero() bool {
	return len(m.Fsync) == 0 && len(m.Commit) == 0 && m.Client.IsZero() && m.Hop.IsZero()
}

// String says it in a line.
func (m Machine) String() string {
	return fmt.Sprintf("fsync %v, commit %v, client %v one way, message %v", m.Fsync, m.Commit, m.Client, m.Hop)
}
