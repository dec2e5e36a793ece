package backupandrestore

import (
	"fmt"

	"quorumlab/lessons"
	"quorumlab/plots"
)

// chartOfQuorum draws which request was answered at which stage.
func chartOfQuorum(rs []*request, o *lessons.Outcome) plots.Chart {
	m := plots.Matrix{Corner: "request to n1", Columns: stages}
	for _, r := range rs {
		row := plots.MatrixRow{Name: r.what}
		for i := range stages {
			if i >= len(r.answers) {
				row.Cells = append(row.Cells, plots.Cell{})
				continue
			}
			mood := plots.Bad
			if r.answers[i] == answered {
				mood = plots.Good
			}
			row.Cells = append(row.Cells, plots.Cell{Text: r.answers[i], Mood: mood})
		}
		m.Rows = append(m.Rows, row)
	}
	bars := plots.Bars{Title: "Orders kept by each way out", Names: []string{"last backup", "snapshot of n1", "n1 forced"},
		Y: plots.Axis{Label: "acknowledged orders", Whole: true}, Across: []plots.Reference{{Name: "acknowledged", At: ordersPlaced}}}
	set := plots.BarSet{}
	for _, f := range []string{"old.orders", "survivor.orders", "forced.orders"} {
		fact, _ := o.Fact(f)
		set.Values = append(set.Values, fact.Value)
	}
	bars.Sets = []plots.BarSet{set}
	return plots.Chart{
		Name: "quorum-lost", Title: "Without a quorum the last member still serves local reads and snapshots",
		Subtitle: fmt.Sprintf("%d orders acknowledged, a backup after order %d, then two of three disks lost", ordersPlaced, ordersSaved),
		About:    "Left: what the surviving member answers. Right: how many of the acknowledged orders each way out keeps.",
		Panels:   []plots.ChartPanel{m, bars},
	}
}
