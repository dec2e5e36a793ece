package backupandrestore

import (
	"fmt"

	"quorumlab/lessons"
	"quorumlab/plots/chart"
)

// chartOfQuorum draws which request was answered at which stage.
func chartOfQuorum(rs []*request, o *lessons.Observations) chart.Chart {
	m := chart.Matrix{Corner: "request to n1", Columns: stages}
	for _, r := range rs {
		row := chart.MatrixRow{Name: r.what}
		for i := range stages {
			if i >= len(r.answers) {
				row.Cells = append(row.Cells, chart.Cell{})
				continue
			}
			mood := chart.Bad
			if r.answers[i] == answered {
				mood = chart.Good
			}
			row.Cells = append(row.Cells, chart.Cell{Text: r.answers[i], Mood: mood})
		}
		m.Rows = append(m.Rows, row)
	}
	bars := chart.Bars{Title: "Orders kept by each way out", Names: []string{"last backup", "snapshot of n1", "n1 forced"},
		Y: chart.Axis{Label: "acknowledged orders", Whole: true}, Across: []chart.Reference{{Name: "acknowledged",
			At: ordersPlaced}}}
	set := chart.BarSet{}
	for _, f := range []string{"old.orders", "survivor.orders", "forced.orders"} {
		fact, _ := o.Fact(f)
		set.Values = append(set.Values, fact.Value)
	}
	bars.Sets = []chart.BarSet{set}
	return chart.Chart{
		Name: "quorum-lost", Title: "Without a quorum the last member still serves local reads and snapshots",
		Subtitle: fmt.Sprintf("%d orders acknowledged, a backup after order %d, then two of three disks lost", ordersPlaced,
			ordersSaved),
		About:  "Left: what the surviving member answers. Right: how many of the acknowledged orders each way out keeps.",
		Panels: []chart.Panel{m, bars},
	}
}
