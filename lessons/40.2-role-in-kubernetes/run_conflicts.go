package roleinkubernetes

import (
	"context"
	"fmt"
	"strconv"

	"quorumlab/lessons"
	"quorumlab/plots/chart"
	"quorumlab/sim"
)

// waysToAdd are the ways in which the writers add one, as the program calls them and as people do.
var waysToAdd = []struct{ way, title string }{
	{"put", "put"},
	{"put-if-version", "put with resourceVersion"},
	{"retry", "the same, with retry after 409"},
}

// runConflicts has writers meet on one object.
func runConflicts(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	var r conflictsResult
	if err := (experiment{name: "conflicts"}).run(ctx, env, &r); err != nil {
		return nil, err
	}
	o := &lessons.Observations{}
	o.Tell("create.twice", r.Twice.String(), "the response to creating a Pod that exists")
	o.Tell("update.first", r.First.String(), "the response to the first of two updates with the same resourceVersion")
	o.Tell("update.second", r.Second.String(), "the response to the second of them")
	o.Tell("update.blind", r.Blind.String(), "the response to the same stale copy without a resourceVersion")
	told := true
	for _, c := range r.Counts {
		name := map[string]string{"put": "put", "put-if-version": "checked", "retry": "retry"}[c.Way]
		o.Facts = append(o.Facts, lessons.Fact{
			Name: fmt.Sprintf("%s.kept.%d", name, c.Writers), Value: float64(c.Kept), Exact: c.Way == "retry" || c.Writers == 1,
			About: fmt.Sprintf("the counter after %d increments by %d writers", c.Asked, c.Writers),
		})
		told = told && (c.Way == "put" || c.Kept == c.Acknowledged)
	}
	most := func(way string) counting { return countingOf(r.Counts, way, 8) }
	o.Count("put.told.8", float64(most("put").Acknowledged), "acknowledged increments by 8 writers, with put")
	o.Measure("put.lost.8", float64(most("put").Acknowledged-most("put").Kept), sim.Count, "how many of these were lost")
	o.Measure("checked.refused.8", float64(most("put-if-version").Refused), sim.Count, "increments by 8 writers that "+
		"got a 409, with put with resourceVersion")
	o.Tell("checked.honest", lessons.YesNo(told), "whether with resourceVersion the counter equals what was acknowledged")
	o.Measure("retry.tries.8", float64(most("retry").Tries), sim.Count, "tries of 8 writers that retry after a 409")
	o.Tables = append(o.Tables, countsTable(r.Counts))
	return o, o.Draw(countsChart(r.Counts))
}

func countingOf(cs []counting, way string, writers int) counting {
	for _, c := range cs {
		if c.Way == way && c.Writers == writers {
			return c
		}
	}
	return counting{}
}

func countsTable(cs []counting) lessons.Table {
	t := lessons.Table{
		Name: "increments", Title: "120 increments of one counter",
		Head: []string{"method", "writers", "acknowledged", "rejected", "kept", "tries"},
	}
	for _, c := range cs {
		t.Rows = append(t.Rows, []string{c.Way, strconv.Itoa(c.Writers), strconv.Itoa(c.Acknowledged),
			strconv.Itoa(c.Refused), strconv.Itoa(c.Kept), strconv.FormatInt(c.Tries, 10)})
	}
	return t
}

// countsChart shows what is lost by how many writers, and what eight are told and get.
func countsChart(cs []counting) chart.Chart {
	lost := chart.Lines{
		Title: "Acknowledged but not counted",
		X:     chart.Axis{Label: "writers", Whole: true}, Y: chart.Axis{Label: "increments lost", Min: -5, Max: 120,
			Whole: true},
	}
	share := chart.Series{Name: "if only one per round were kept", Expected: true}
	for _, w := range []int{1, 2, 4, 8} {
		share.Points = append(share.Points, chart.XY{X: float64(w), Y: 120 - 120/float64(w)})
	}
	eight := chart.Bars{
		Title: "Eight writers", Y: chart.Axis{Label: "increments, of 120", Whole: true},
		Sets: []chart.BarSet{{Name: "acknowledged"}, {Name: "in the counter"}, {Name: "rejected with 409"}},
	}
	for _, way := range waysToAdd {
		s := chart.Series{Name: way.title, Marks: true}
		for _, c := range cs {
			if c.Way == way.way {
				s.Points = append(s.Points, chart.XY{X: float64(c.Writers), Y: float64(c.Acknowledged - c.Kept)})
			}
		}
		lost.Series = append(lost.Series, s)
		c := countingOf(cs, way.way, 8)
		eight.Names = append(eight.Names, map[string]string{"put": "put", "put-if-version": "with version",
			"retry": "with retry"}[way.way])
		for i, v := range []int{c.Acknowledged, c.Kept, c.Refused} {
			eight.Sets[i].Values = append(eight.Sets[i].Values, float64(v))
		}
	}
	lost.Series = append(lost.Series, share)
	return chart.Chart{
		Name: "lost-updates", Title: "Acknowledged updates that were lost", Subtitle: "120 increments of a label on one " +
			"Pod, divided among writers that read, add and write",
		About: "Left: acknowledged increments missing at the end, by the number of writers. Right: what eight writers " +
			"were told, and the counter's value.",
		Panels: []chart.Panel{lost, eight},
	}
}
