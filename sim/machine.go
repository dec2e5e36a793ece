package sim

import "fmt"

// Machine is how long things take for real members on one machine, as measured there. The sim engine can use it
// instead of its defaults, to predict runs on that machine. The zero value is no machine.
type Machine struct {
	Fsync  Recording // fsyncs of the members' logs
	Commit Recording // commits of their databases, each with its two fsyncs
	Client Recording // clients' requests or answers on their way, including their handling by the member; one way
	Hop    Recording // messages between members, on top of what their links take
}

// IsZero reports whether it is no machine.
func (m Machine) IsZero() bool {
	return m.Fsync.IsZero() && m.Commit.IsZero() && m.Client.IsZero() && m.Hop.IsZero()
}

// String is the machine in one line.
func (m Machine) String() string {
	return fmt.Sprintf("fsync %v, commit %v, client %v one way, message %v", m.Fsync, m.Commit, m.Client, m.Hop)
}
