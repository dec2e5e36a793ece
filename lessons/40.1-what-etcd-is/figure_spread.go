package whatetcdis

import (
	"fmt"

	"quorumlab/plots"
)

// spreadChart is the share of split votes by how wide the range of election timeouts is.
func spreadChart(ss []spread) plots.Chart {
	measured := plots.Series{Name: fmt.Sprintf("of %d elections", elections), Marks: true}
	theory := plots.Series{Name: "in theory", Expected: true}
	for _, s := range ss {
		measured.Points = append(measured.Points, plots.XY{X: s.Millis, Y: s.Split})
		theory.Points = append(theory.Points, plots.XY{X: s.Millis, Y: s.Theory})
	}
	return plots.Chart{
		Name: "split-votes-by-range", Title: "The wider the range of election timeouts, the rarer the split votes",
		Subtitle: "four survivors of five, shortest timeout 150 ms, a message takes 15 ms, no pre-vote; simulated",
		About: "A vote splits when so many members time out within one message delay that none gets a majority. " +
			"The dashed line is the closed form; see the scenario election-theory.",
		Panels: []plots.ChartPanel{plots.Lines{
			X:      plots.Axis{Label: "width of the election timeout range (ms)"},
			Y:      plots.Axis{Label: "share of elections whose first vote splits", Percent: true},
			Series: []plots.Series{theory, measured},
		}},
	}
}
