package roleinkubernetes

import (
	"context"
	"strings"

	"quorumlab/lessons"
	"quorumlab/plots/chart"
)

// runWatch lists, watches, goes away and comes back.
func runWatch(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	var r watchesResult
	if err := (experiment{name: "watch"}).run(ctx, env, &r); err != nil {
		return nil, err
	}
	o := &lessons.Observations{}
	var live []string
	for _, e := range r.Live {
		live = append(live, e.Type)
	}
	o.Tell("watch.live", strings.Join(live, " "), "what the watch from the list's version reports for a create, an "+
		"update and a delete")
	o.Count("away.missed", float64(r.Missed), "changes while the client was away")
	o.Count("away.told", float64(r.Resumed), "how many of these it received when it resumed from its last version")
	o.Tell("away.ordered", lessons.YesNo(r.Ordered), "whether they came in the order of their versions")
	least, most := bounds(r.History)
	o.Count("history.least", float64(least), "minutes that a watch could always go back, after the second compaction")
	o.Count("history.most", float64(most), "maximum minutes that a watch could go back, after the second compaction")
	o.Tell("away.10", r.Watch.String(), "the response to a watch that was away too long")
	o.Tell("list.exact", r.List.String(), "the response to a list of exactly that old version")
	o.Tell("list.page", r.Page.String(), "the response to the next page of a list of that version")
	o.Tell("again", r.Again.String(), "the response when it lists again and watches from there")
	return o, o.Draw(historyChart(r.History))
}

// settledAfter is the minute of the second compaction, the first that drops anything.
const settledAfter = 10

// bounds are the least and the most that a watch can go back once compactions drop something.
func bounds(hs []history) (least, most int) {
	for _, h := range hs {
		if h.Minute < settledAfter {
			continue
		}
		if least == 0 || h.Oldest < least {
			least = h.Oldest
		}
		most = max(most, h.Oldest)
	}
	return least, most
}

// historyChart shows how far back a watch can go, by the time.
func historyChart(hs []history) chart.Chart {
	reach := chart.Series{Name: "oldest version that a watch can resume from", Steps: true, Marks: true}
	var moments []chart.Reference
	for _, h := range hs {
		reach.Points = append(reach.Points, chart.XY{X: float64(h.Minute), Y: float64(h.Oldest)})
		if h.Minute%5 == 0 {
			moments = append(moments, chart.Reference{Name: "compaction", At: float64(h.Minute)})
		}
	}
	return chart.Chart{
		Name: "history", Title: "How long a watch may be away", Subtitle: "one change per minute; every 5 minutes the API " +
			"server drops what was old at its previous compaction",
		About: "For each minute: the age of the oldest version from which a watch receives everything since. A watch that " +
			"was away longer gets 410 Expired.",
		Panels: []chart.Panel{chart.Lines{
			X: chart.Axis{Label: "time (min)", Whole: true}, Y: chart.Axis{Label: "age (min)", Min: 0, Max: 12, Whole: true},
			Series: []chart.Series{reach}, Across: []chart.Reference{{Name: "a watch that was away for 10 minutes", At: 10}},
			Moments: moments,
		}},
	}
}
