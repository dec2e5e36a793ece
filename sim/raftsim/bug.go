package raftsim

// Bug is a flaw planted in the software under test. A check that is worth its name
// finds it.
type Bug uint8

// The bugs. Each breaks one rule that Raft or the store rests on.
const (
	NoBug Bug = iota
	// ForgetVote: a member's disk does not keep for whom it voted, so that it can
	// vote twice in a term after a crash.
	ForgetVote
	// ForgeAcks: a message with entries that a link loses is acknowledged to the
	// leader anyway, so that it commits what no quorum has.
	ForgeAcks
	// StaleReads: a member answers linearizable reads from its own state at once.
	StaleReads
	// LyingDisks: no disk keeps anything that was synced after the start, although
	// fsync returns.
	LyingDisks
	// SkipApply: the state machine of the last member skips every tenth write.
	SkipApply
)
