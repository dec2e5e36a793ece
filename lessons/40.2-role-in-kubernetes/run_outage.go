package roleinkubernetes

import (
	"context"
	"fmt"

	"quorumlab/lessons"
	"quorumlab/plots/chart"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

// outageNames are the names of the requests and states in facts.
var (
	requestNames = map[string]string{
		"list, resourceVersion 0": "list-0", "get, resourceVersion 0": "get-0", "new watch from the cache": "watch-0",
		"list": "list", "get": "get", "create": "create", "open watch sees the create": "told",
	}
	stateNames = map[string]string{
		"3 of 3 up": "up", "leader dead": "leader-dead", "all dead": "dead", "all back": "back", "1 of 3 up": "one",
		"all back again": "again",
	}
)

// runOutage asks an API server while its etcd dies and comes back.
func runOutage(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	var r outageResult
	if err := (experiment{name: "outage", members: 3, act: bring}).run(ctx, env, &r); err != nil {
		return nil, err
	}
	o := &lessons.Observations{}
	for _, p := range r.Phases {
		for _, a := range p.Answers {
			o.Tell(stateNames[p.State]+"."+requestNames[a.Request], a.Reason, fmt.Sprintf("%s, with etcd: %s", a.Request,
				p.State))
		}
	}
	dead := r.Phases[2].Answers[0]
	o.Count("dead.items", float64(dead.Items), "Pods in a list with resourceVersion 0 while all members are dead")
	o.Measure("dead.list-0.time", dead.Millis, sim.Millis, "latency of this list")
	return o, o.Draw(outageChart(r))
}

// bring brings the members into a state.
func bring(ctx context.Context, c *cluster.Real, state string) error {
	ms := c.Members()
	switch state {
	case "3 of 3 up":
		return nil
	case "leader dead":
		leader := c.Leader()
		if leader == nil {
			return fmt.Errorf("the cluster has no leader")
		}
		leader.Crash()
		return nil
	case "all dead":
		crash(ms)
		return nil
	case "1 of 3 up":
		crash(ms[:2])
		return nil
	case "all back", "all back again":
		return restart(ctx, ms)
	}
	return fmt.Errorf("there is no state %q", state)
}

func crash(ms []*cluster.Member) {
	for _, m := range ms {
		m.Crash()
	}
}

func restart(ctx context.Context, ms []*cluster.Member) error {
	for _, m := range ms {
		if err := m.Start(); err != nil {
			return err
		}
	}
	for _, m := range ms {
		if err := m.Ready(ctx); err != nil {
			return err
		}
	}
	return nil
}

// outageChart shows which request is answered in which state.
func outageChart(r outageResult) chart.Chart {
	m := chart.Matrix{Corner: "request"}
	for i := range r.Phases[0].Answers {
		m.Rows = append(m.Rows, chart.MatrixRow{Name: r.Phases[0].Answers[i].Request})
	}
	for _, p := range r.Phases {
		m.Columns = append(m.Columns, p.State)
		for i, a := range p.Answers {
			m.Rows[i].Cells = append(m.Rows[i].Cells, outageCell(a.Reason))
		}
	}
	return chart.Chart{
		Name: "outage", Title: "What an API server answers while its etcd is down", Subtitle: "three members; without a " +
			"quorum requests are given up after 2 s, a kube-apiserver gives up after 60 s",
		About: "Rows are requests, columns the successive states of etcd. Requests with resourceVersion 0 accept whatever " +
			"the watch cache has.",
		Panels: []chart.Panel{m},
	}
}

func outageCell(reason string) chart.Cell {
	if reason != "OK" {
		return chart.Cell{Text: reason, Mood: chart.Bad}
	}
	return chart.Cell{Text: "answered", Mood: chart.Good}
}
