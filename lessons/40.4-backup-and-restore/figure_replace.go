package backupandrestore

import (
	"quorumlab/plots/chart"
)

// chartOfReplacement draws what was asked for, in order, and the answers.
func chartOfReplacement(tries []try) chart.Chart {
	m := chart.Matrix{Corner: "requests, in this order", Columns: []string{"etcd's response"}, Remarks: "reason"}
	for _, t := range tries {
		cell := chart.Cell{Text: "done", Mood: chart.Good}
		if t.answer != answered {
			cell = chart.Cell{Text: t.answer, Mood: chart.Bad}
		}
		m.Rows = append(m.Rows, chart.MatrixRow{Name: t.what, Cells: []chart.Cell{cell}, Remark: t.why})
	}
	return chart.Chart{
		Name: "replacement", Title: "Remove the dead member first, add the new one as a learner, promote it last",
		Subtitle: "three members, one killed; etcd checks every membership change (strict reconfiguration)",
		About:    "Each row is a requested change, from top to bottom, with etcd's own words.",
		Panels:   []chart.Panel{m},
	}
}
