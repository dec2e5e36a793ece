package plan

// Quorum is how many of n voters must agree: a majority (Raft paper, section 5.1).
func Quorum(n int) int { return n/2 + 1 }

// Tolerates is how many of n voters may be lost before there is no quorum.
func Tolerates(n int) int { return n - Quorum(n) }
