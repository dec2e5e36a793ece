package backupandrestore

import (
	"fmt"
	"time"

	"quorumlab/plots"
)

// chartOfLoss draws how many orders each of the snapshots would have lost, against its age
// when the cluster died.
func chartOfLoss(bs []backup, end time.Duration) plots.Chart {
	found := plots.Series{Name: "not in the snapshot", Bare: true}
	for _, b := range bs {
		found.Points = append(found.Points, plots.XY{X: (end - b.at).Seconds(), Y: float64(written - b.orders)})
	}
	rate := plots.Series{Name: "age times the order rate", Expected: true, Points: []plots.XY{{X: 0, Y: 0}, {X: end.Seconds(), Y: written}}}
	return plots.Chart{
		Name: "lost-against-age", Title: "The loss is the age of the newest snapshot times the write rate",
		Subtitle: fmt.Sprintf("%d orders one after the other, %d snapshots in between, then kill -9 of all members", written, snapshots),
		About:    "Each mark is a snapshot: its age when the cluster died, and how many acknowledged orders it lacks. The dashed line is the mean order rate.",
		Panels: []plots.ChartPanel{plots.Lines{
			X: plots.Axis{Label: "age of the snapshot when the cluster died (s)"}, Y: plots.Axis{Label: "missing acknowledged orders", Whole: true},
			Series: []plots.Series{found, rate},
		}},
	}
}
