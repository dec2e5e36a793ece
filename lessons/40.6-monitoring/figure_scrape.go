package monitoring

import (
	"fmt"

	"quorumlab/plots/chart"
)

// familyChart shows what a page consists of.
func familyChart(b, e *page) chart.Chart {
	bars := chart.Bars{Y: chart.Axis{Label: "series", Whole: true}, XLabel: "metric name prefix"}
	for _, f := range families {
		bars.Names = append(bars.Names, f.name)
	}
	for _, x := range []struct {
		name string
		of   *page
	}{{"basic", b}, {"extensive", e}} {
		set := chart.BarSet{Name: "metrics: " + x.name}
		for _, n := range x.of.byFamily() {
			set.Values = append(set.Values, float64(n))
		}
		bars.Sets = append(bars.Sets, set)
	}
	return chart.Chart{
		Name: "families", Title: "What a member exports",
		Subtitle: fmt.Sprintf("one scrape of one of three members: %d series basic, %d extensive", b.series, e.series),
		About: "How many series a member's page has, by metric name prefix, with --metrics=basic (the default) and with " +
			"--metrics=extensive.",
		Panels: []chart.Panel{bars},
	}
}
