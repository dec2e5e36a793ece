package check

import (
	"cmp"

	"quorumlab/sim"
)

// clusterTerm is a term in one of the clusters of a run: a cluster that was restored or forced into being
// starts counting its terms again.
type clusterTerm struct {
	epoch int // how many new clusters there were before
	term  uint64
}

func (t clusterTerm) compare(o clusterTerm) int {
	return cmp.Or(cmp.Compare(t.epoch, o.epoch), cmp.Compare(t.term, o.term))
}

// termOf is the term that an event speaks of.
func (r *run) termOf(e *sim.Event) clusterTerm {
	t := clusterTerm{term: e.Term}
	for _, begun := range r.kinds()[sim.KindNewCluster] {
		if begun.Seq < e.Seq {
			t.epoch++
		}
	}
	return t
}
