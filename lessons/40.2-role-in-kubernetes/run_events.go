package roleinkubernetes

import (
	"context"
	"fmt"

	"quorumlab/lessons"
	"quorumlab/plots/chart"
)

// runEvents writes Events that expire.
func runEvents(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	var r eventsResult
	if err := (experiment{name: "events"}).run(ctx, env, &r); err != nil {
		return nil, err
	}
	o := &lessons.Observations{}
	for i, name := range []string{"short", "hour", "many"} {
		s := r.Sharing[i]
		about := fmt.Sprintf("%d Events with a TTL of %d s", s.Events, s.TTL)
		o.Count("leases."+name, float64(s.Leases), "etcd leases for "+about)
		o.Count("ends."+name, float64(s.Revisions), "revisions made by the expiry of "+about)
		o.Count("left."+name, float64(s.Left), "left after expiry, of "+about)
	}
	return o, o.Draw(eventsChart(r))
}

// eventsChart shows what Events hang on, and the short life of some.
func eventsChart(r eventsResult) chart.Chart {
	bars := chart.Bars{
		Title: "The leases of Events", Y: chart.Axis{Label: "leases, revisions"},
		Sets: []chart.BarSet{{Name: "etcd leases"}, {Name: "revisions at expiry"}},
	}
	for _, s := range r.Sharing {
		bars.Names = append(bars.Names, fmt.Sprintf("%d Events, %d s", s.Events, s.TTL))
		bars.Sets[0].Values = append(bars.Sets[0].Values, float64(s.Leases))
		bars.Sets[1].Values = append(bars.Sets[1].Values, float64(s.Revisions))
	}
	life := chart.Series{Name: "Events in etcd", Steps: true, Points: []chart.XY{{}}}
	for _, a := range r.Life {
		life.Points = append(life.Points, chart.XY{X: a.Seconds, Y: float64(a.Events)})
	}
	return chart.Chart{
		Name: "events", Title: "Events share etcd leases", Subtitle: "written by the storage layer of k8s.io/apiserver; " +
			"kube-apiserver's default TTL is 3,600 s",
		About: "Left: the leases that Events are attached to, and the revisions made by their expiry. Right: Events with a " +
			"TTL of 2 s, from the first write on.",
		Panels: []chart.Panel{bars, chart.Lines{
			Title: fmt.Sprintf("Events with a TTL of %d s", r.Sharing[0].TTL),
			X:     chart.Axis{Label: "time (s)"}, Y: chart.Axis{Label: "Events", Min: 0, Max: 220, Whole: true},
			Series: []chart.Series{life},
		}},
	}
}
