package backupandrestore

import (
	"fmt"
	"time"

	"quorumlab/plots/chart"
)

// chartOfLoss draws how many orders each of the snapshots would have lost, against its age
// when the cluster died.
func chartOfLoss(bs []backup, end time.Duration) chart.Chart {
	found := chart.Series{Name: "not in the snapshot", Bare: true}
	for _, b := range bs {
		found.Points = append(found.Points, chart.XY{X: (end - b.at).Seconds(), Y: float64(written - b.orders)})
	}
	rate := chart.Series{Name: "age times the order rate", Expected: true,
		Points: []chart.XY{{X: 0, Y: 0}, {X: end.Seconds(), Y: written}}}
	return chart.Chart{
		Name: "lost-against-age", Title: "The loss is the age of the newest snapshot times the write rate",
		Subtitle: fmt.Sprintf("%d orders one after the other, %d snapshots in between, then kill -9 of all members", written,
			snapshots),
		About: "Each mark is a snapshot: its age when the cluster died, and how many acknowledged orders it lacks. The " +
			"dashed line is the mean order rate.",
		Panels: []chart.Panel{chart.Lines{
			X:      chart.Axis{Label: "age of the snapshot when the cluster died (s)"},
			Y:      chart.Axis{Label: "missing acknowledged orders", Whole: true},
			Series: []chart.Series{found, rate},
		}},
	}
}
