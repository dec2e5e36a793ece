package sim

// What happens between a client and a lock, or an election: Count of KindLock.
const (
	LockWanted   uint32 = iota + 1 // the client asks for it
	LockHeld                       // it has it, with Revision as its token
	LockReleased                   // it begins to give it back, and does nothing in its name any more
	LockLost                       // it noticed that its session is over
	LockWrote                      // it wrote to what the lock guards
	LockFailed                     // it did not get it, for the reason in Note
)

// LockOperator is a Cluster whose clients have locks and elections, by the recipes of etcd's client (PowerLock).
type LockOperator interface {
	// Lock has a client take a lock, or win an election, and write to what it guards until stop, which gives it back.
	// Client 0 is one of the statement's own.
	Lock(l LockSpec) (stop func() error, err error)
}

// LockSpec is what a client takes.
type LockSpec struct {
	Name     string
	Election bool // it is an election
	TTL      TTL  // of the client's session; 0: 5s
	Fenced   bool // what it guards refuses tokens older than one that it has seen
	Client   int
}
