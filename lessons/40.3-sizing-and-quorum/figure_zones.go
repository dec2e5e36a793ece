package sizingandquorum

import (
	"quorumlab/plots/chart"
)

// zonesChart is what the loss of each zone does to each placement.
func zonesChart(ps []placed) chart.Chart {
	m := chart.Matrix{Corner: "placement", Columns: []string{"zone a lost", "zone b lost", "zone c lost"}}
	for _, p := range ps {
		row := chart.MatrixRow{Name: p.String()}
		for z := range m.Columns {
			switch {
			case z >= len(p.GoesOn):
				row.Cells = append(row.Cells, chart.Cell{})
			case p.GoesOn[z]:
				row.Cells = append(row.Cells, chart.Cell{Text: "writes continue", Mood: chart.Good})
			default:
				row.Cells = append(row.Cells, chart.Cell{Text: "stops", Mood: chart.Bad})
			}
		}
		m.Rows = append(m.Rows, row)
	}
	return chart.Chart{
		Name: "zones", Title: "Two zones can't survive the loss of either; three can",
		Subtitle: "members per zone; are writes acknowledged elsewhere when one zone is cut off? simulated",
		About: "One row per placement: 3+2 means three members in zone a and two in zone b. An empty cell: there is no " +
			"such zone.",
		Panels: []chart.Panel{m},
	}
}
