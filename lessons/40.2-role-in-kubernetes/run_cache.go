package roleinkubernetes

import (
	"context"
	"fmt"

	"quorumlab/internal/stats"
	"quorumlab/lessons"
	"quorumlab/plots/chart"
	"quorumlab/sim"
)

// runCache counts what etcd does for clients of an API server with a watch cache.
func runCache(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	var r cacheResult
	if err := (experiment{name: "cache"}).run(ctx, env, &r); err != nil {
		return nil, err
	}
	o := &lessons.Observations{}
	for i, name := range []string{"etcd", "consistent", "zero"} {
		l := r.Lists[i]
		o.Count("items."+name, float64(l.Items), "Pods in a list from: "+l.Source)
		o.Measure("reads."+name, l.Reads/float64(l.Lists), sim.Count, "reads that etcd serves for one list from: "+l.Source)
		o.Measure("sent."+name, l.Sent/float64(l.Lists), sim.Bytes, "bytes that etcd sends for one list from: "+l.Source)
		o.Measure("list.p50."+name, stats.Median(l.Millis), sim.Millis, "median latency of a list from: "+l.Source)
	}
	for _, f := range r.Watches {
		way := map[string]string{"through the cache": "cache", "straight to etcd": "direct"}[f.Way]
		o.Count(fmt.Sprintf("watchers.%s.%d", way, f.Clients), f.Watchers,
			fmt.Sprintf("additional watchers in etcd for %d clients %s", f.Clients, f.Way))
		o.Count(fmt.Sprintf("told.%s.%d", way, f.Clients), f.Events,
			fmt.Sprintf("events that etcd sends for one change, with %d clients %s", f.Clients, f.Way))
		o.Count(fmt.Sprintf("heard.%s.%d", way, f.Clients), float64(f.Heard), "how many of these clients received it")
	}
	return o, o.Draw(cacheChart(r))
}

// cacheChart shows what etcd is asked for lists, and how many watchers it has.
func cacheChart(r cacheResult) chart.Chart {
	sent := chart.Bars{Title: fmt.Sprintf("A list of %d Pods", r.Pods),
		Y: chart.Axis{Label: "sent by etcd per list (KiB)"}, Sets: []chart.BarSet{{}}}
	for _, l := range r.Lists {
		sent.Names = append(sent.Names, l.Source)
		sent.Sets[0].Values = append(sent.Sets[0].Values, l.Sent/float64(l.Lists)/1024)
	}
	sent.Names = []string{"from etcd", "cache, consistent", "cache, version 0"}
	watchers := chart.Lines{
		Title: "Watches", X: chart.Axis{Label: "clients watching Pods", Whole: true},
		Y: chart.Axis{Label: "watchers in etcd", Whole: true, Min: -3, Max: 110},
	}
	for _, way := range []string{"straight to etcd", "through the cache"} {
		s := chart.Series{Name: way, Marks: true}
		for _, f := range r.Watches {
			if f.Way == way {
				s.Points = append(s.Points, chart.XY{X: float64(f.Clients), Y: 1 + f.Watchers}) // and the cache's own
			}
		}
		watchers.Series = append(watchers.Series, s)
	}
	return chart.Chart{
		Name: "watch-cache", Title: "What reaches etcd", Subtitle: "from etcd's own metrics, for clients of one API server",
		About: "Left: what etcd sends for one list, by where the API server takes it from. Right: watchers in etcd, " +
			"including the cache's own, by the number of watching clients.",
		Panels: []chart.Panel{sent, watchers},
	}
}
