package roleinkubernetes

import (
	"context"
	"fmt"

	"quorumlab/lessons"
	"quorumlab/plots/chart"
)

// runEvents writes Events that expire.
func runEvents(ctx context.Context, env *lessons.Env) (*lessons.Outcome, error) {
	var r eventsResult
	if err := (experiment{name: "events"}).run(ctx, env, &r); err != nil {
		return nil, err
	}
	o := &lessons.Outcome{}
	for i, name := range []string{"short", "hour", "many"} {
		s := r.Sharing[i]
		about := fmt.Sprintf("%d Events that live for %d s", s.Events, s.TTL)
		o.Count("leases."+name, float64(s.Leases), "leases of etcd for "+about)
		o.Count("ends."+name, float64(s.Revisions), "revisions that the end makes of "+about)
		o.Count("left."+name, float64(s.Left), "left after it, of "+about)
	}
	return o, o.Draw(eventsChart(r))
}

// eventsChart shows what Events hang on, and the short life of some.
func eventsChart(r eventsResult) chart.Chart {
	bars := chart.Bars{
		Title: "What Events hang on", Y: chart.Axis{Label: "leases, revisions"},
		Sets: []chart.BarSet{{Name: "leases of etcd"}, {Name: "revisions when they end"}},
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
		Name: "events", Title: "Events live on leases of etcd, which they share", Subtitle: "written by the storage layer of k8s.io/apiserver; the default of kube-apiserver is 3,600 s",
		About: "Left: the leases that Events hang on, and the revisions that their end makes. Right: Events that live for 2 s, from the first write on.",
		Panels: []chart.Panel{bars, chart.Lines{
			Title: fmt.Sprintf("Events that live for %d s", r.Sharing[0].TTL),
			X:     chart.Axis{Label: "time (s)"}, Y: chart.Axis{Label: "Events", Min: 0, Max: 220, Whole: true}, Series: []chart.Series{life},
		}},
	}
}
