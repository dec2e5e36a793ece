package plan

import "fmt"

// Quorum is how many of n voters must agree: a majority (Raft paper, section 5.1).
func Quorum(n int) int { return n/2 + 1 }

// Tolerates is how many of n voters may be lost before there is no quorum.
func Tolerates(n int) int { return n - Quorum(n) }

// Voting is how many must agree and how many can be lost.
type Voting struct {
	Answer
	Quorum    int `json:"quorum"`
	Tolerates int `json:"tolerates"`
}

func voting(n int) Voting {
	v := Voting{Quorum: Quorum(n), Tolerates: Tolerates(n)}
	v.Text = fmt.Sprintf("%d of %d members must agree; the cluster tolerates the loss of %d.", v.Quorum, n, v.Tolerates)
	switch {
	case n%2 == 0:
		v.Text += fmt.Sprintf(" %d tolerate no more failures than %d: an even number adds a member that can fail, but no "+
			"tolerance.", n, n-1)
	case n > 7:
		v.Text += " etcd advises at most 7: each write waits for more members."
	case v.Tolerates == 0:
		v.Text += " Each repair or upgrade is an outage."
	}
	v.Rule = "quorum = floor(n/2) + 1; n - quorum may be lost"
	v.Source = "Raft paper, section 5.1; etcd FAQ for the sizes"
	return v
}
