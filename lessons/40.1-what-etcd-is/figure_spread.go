package whatetcdis

import (
	"fmt"

	"quorumlab/plots/chart"
)

// spreadChart is the share of split votes by how wide the range of election timeouts is.
func spreadChart(ss []spread) chart.Chart {
	measured := chart.Series{Name: fmt.Sprintf("of %d elections", elections), Marks: true}
	theory := chart.Series{Name: "in theory", Expected: true}
	for _, s := range ss {
		measured.Points = append(measured.Points, chart.XY{X: s.Millis, Y: s.Split})
		theory.Points = append(theory.Points, chart.XY{X: s.Millis, Y: s.Theory})
	}
	return chart.Chart{
		Name: "split-votes-by-range", Title: "The wider the range of election timeouts, the rarer the split votes",
		Subtitle: "four survivors of five, shortest timeout 150 ms, a message takes 15 ms, no pre-vote; simulated",
		About: "A vote splits when so many members time out within one message delay that none gets a majority. " +
			"The dashed line is the closed form; see the scenario election-theory.",
		Panels: []chart.Panel{chart.Lines{
			X:      chart.Axis{Label: "width of the election timeout range (ms)"},
			Y:      chart.Axis{Label: "share of elections whose first vote splits", Percent: true},
			Series: []chart.Series{theory, measured},
		}},
	}
}
