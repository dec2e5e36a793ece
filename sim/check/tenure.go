package check

import (
	"cmp"

	"quorumlab/sim"
)

// tenure is a term in one of the clusters of a run: a cluster that was restored or forced into being
// starts counting its terms again.
type tenure struct {
	epoch int // how many new clusters there were before
	term  uint64
}

func (t tenure) compare(o tenure) int {
	return cmp.Or(cmp.Compare(t.epoch, o.epoch), cmp.Compare(t.term, o.term))
}

// tenure is the term that an event speaks of.
func (r *run) tenure(e *sim.Event) tenure {
	t := tenure{term: e.Term}
	for _, begun := range r.kinds()[sim.KindNewCluster] {
		if begun.Seq < e.Seq {
			t.epoch++
		}
	}
	return t
}
