package sim

import "fmt"

// Machine is what real members take on one machine, as measured there. The sim engine can take it
// in the place of its defaults, to predict runs on that machine. The zero value is no machine.
type Machine struct {
	Fsync  Law // an fsync of a member's log
	Commit Law // a commit of a member's database, with its two fsyncs
	Client Law // a client's request or answer on its way, its handling by the member included; one way
	Hop    Law // a message between members, beside what its link takes
}

// String says it in a line.
func (m Machine) String() string {
	return fmt.Sprintf("fsync %v, commit %v, client %v one way, message %v", m.Fsync, m.Commit, m.Client, m.Hop)
}
