package sizingandquorum

import "quorumlab/plots"

// zonesChart is what the loss of each zone does to each placement.
func zonesChart(ps []placed) plots.Chart {
	m := plots.Matrix{Corner: "placement", Columns: []string{"zone a lost", "zone b lost", "zone c lost"}}
	for _, p := range ps {
		row := plots.MatrixRow{Name: p.String()}
		for z := range m.Columns {
			switch {
			case z >= len(p.GoesOn):
				row.Cells = append(row.Cells, plots.Cell{})
			case p.GoesOn[z]:
				row.Cells = append(row.Cells, plots.Cell{Text: "writes continue", Mood: plots.Good})
			default:
				row.Cells = append(row.Cells, plots.Cell{Text: "stops", Mood: plots.Bad})
			}
		}
		m.Rows = append(m.Rows, row)
	}
	return plots.Chart{
		Name: "zones", Title: "Two zones can't survive the loss of either; three can",
		Subtitle: "members per zone; are writes acknowledged elsewhere when one zone is cut off? simulated",
		About:    "One row per placement: 3+2 means three members in zone a and two in zone b. An empty cell: there is no such zone.",
		Panels:   []plots.ChartPanel{m},
	}
}
