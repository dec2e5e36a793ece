package roleinkubernetes

import (
	"context"
	"fmt"

	"quorumlab/lessons"
	"quorumlab/plots/chart"
	"quorumlab/sim"
)

// runHeartbeats compares what a node's signs of life cost.
func runHeartbeats(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	var r heartbeatsResult
	if err := (experiment{name: "heartbeats"}).run(ctx, env, &r); err != nil {
		return nil, err
	}
	lease, node := r.Beats[0], r.Beats[1]
	o := &lessons.Observations{}
	for _, b := range []struct {
		name string
		beating
	}{{"lease", lease}, {"node", node}} {
		o.Count(b.name+".bytes", float64(b.Bytes), "size of the object in etcd")
		o.Count(b.name+".revisions", float64(b.Revisions), fmt.Sprintf("revisions made by %d heartbeats", b.Beats))
		o.Measure(b.name+".growth", float64(b.last().InUse), sim.Bytes, "growth of the database after them")
	}
	o.Tell("lease.on-etcd-lease", lessons.YesNo(lease.EtcdLease != 0), "whether the Lease is attached to an etcd lease")
	o.Measure("growth.ratio", float64(node.last().InUse)/float64(max(lease.last().InUse, 1)), sim.Count,
		"growth from heartbeats to the Node, relative to those to the Lease")
	return o, o.Draw(heartbeatsChart(lease, node))
}

func (b beating) last() growth { return b.Growth[len(b.Growth)-1] }

// beatsKept is how many heartbeats of a node etcd keeps at most: of one every 10 s, those of the 10 minutes
// between a compaction and the one after the next.
const beatsKept = 60

// heartbeatsChart shows the growth by heartbeats, and by nodes.
func heartbeatsChart(kinds ...beating) chart.Chart {
	grows := chart.Lines{
		Title: "One node", X: chart.Axis{Label: "heartbeats", Whole: true},
		Y: chart.Axis{Label: "growth of database in use (KiB)"},
	}
	scales := chart.Lines{
		Title: "A cluster: history kept between compactions",
		X:     chart.Axis{Label: "nodes", Log: true}, Y: chart.Axis{Label: "database (MiB)", Log: true},
		Across: []chart.Reference{{Name: "etcd's default quota, 2 GiB", At: 2048}},
	}
	for _, b := range kinds {
		name := fmt.Sprintf("to %s (%d B)", map[string]string{"leases": "a Lease", "nodes": "the Node's status"}[b.Resource],
			b.Bytes)
		one := chart.Series{Name: name, Marks: true, Points: []chart.XY{{}}}
		for _, g := range b.Growth {
			one.Points = append(one.Points, chart.XY{X: float64(g.Beats), Y: float64(g.InUse) / 1024})
		}
		grows.Series = append(grows.Series, one)
		per := float64(b.last().InUse) / float64(b.last().Beats)
		all := chart.Series{Name: name}
		for _, n := range []float64{10, 100, 1000, 5000} {
			all.Points = append(all.Points, chart.XY{X: n, Y: max(n*beatsKept*per/(1<<20), 0.001)})
		}
		scales.Series = append(scales.Series, all)
	}
	return chart.Chart{
		Name: "heartbeats", Title: "The cost of node heartbeats", Subtitle: "measured with one node (left); multiplied by " +
			"the number of nodes, for one heartbeat every 10 s and 10 minutes of history (right)",
		About: "Left: how much the database has grown after that many heartbeats, without compaction. Right: the same for " +
			"clusters, where history is kept for up to 10 minutes: 60 heartbeats per node.",
		Panels: []chart.Panel{grows, scales},
	}
}
