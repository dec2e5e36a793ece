package plan

import "math/rand/v2"

// load is a class of keys that live and are written alike.
type load struct {
	Name       string
	Keys       float64 // live at any time; 0: each write is overwritten or deleted at once
	Rate       float64 // writes a second of these keys
	Key, Value float64 // bytes; a tombstone has no value
	InTurn     bool    // each key is written when its time has come, not at random
}

// lasts is how many seconds a revision is its key's last, in the mean.
func (l load) lasts() float64 {
	if l.Rate == 0 {
		return 0
	}
	return l.Keys / l.Rate
}

// lives draws how many seconds a revision is its key's last.
func (l load) lives(r *rand.Rand) float64 {
	if l.InTurn {
		return l.lasts()
	}
	return r.ExpFloat64() * l.lasts()
}

// The writes of Kubernetes, by what its components do.
const (
	leaseSeconds  = 10      // a node renews its Lease
	statusSeconds = 5 * 60  // a node reports its status when nothing has changed
	eventSeconds  = 60 * 60 // events live
	podWrites     = 6       // of a pod that soon are overwritten: created, bound, started, terminating, ...
	podEvents     = 5       // events of a pod's life: scheduled, pulled, created, started, killed
)

// Sizes of Kubernetes's objects in etcd, in bytes.
const (
	leaseBytes = 500
	nodeBytes  = 15_000
	podBytes   = 12_000
	eventBytes = 1000
)

// loads are the classes of the input's load.
func loads(in *Input) (ls []load) {
	key, value := float64(in.KeySize), float64(in.ValueSize)
	if in.Keys > 0 || in.WriteRate > 0 {
		ls = append(ls, load{"keys", float64(in.Keys), float64(in.WriteRate), key, value, false})
	}
	if in.NewKeys > 0 {
		ls = append(ls, load{"new keys", 0, float64(in.NewKeys), key, value, false})
	}
	if in.Nodes == 0 {
		return ls
	}
	nodes, pods, churn := float64(in.Nodes), float64(in.Pods), float64(in.Churn)
	return append(ls,
		load{"leases", nodes, nodes / leaseSeconds, 60, leaseBytes, true},
		load{"nodes", nodes, nodes / statusSeconds, 40, nodeBytes, true},
		load{"pods", pods, churn, 80, podBytes, false},
		load{"pod changes", 0, churn * podWrites, 80, podBytes, false},
		load{"pod tombstones", 0, churn, 80, 0, false},
		load{"events", churn * podEvents * eventSeconds, churn * podEvents, 100, eventBytes, true},
		load{"event tombstones", 0, churn * podEvents, 100, 0, false},
	)
}
