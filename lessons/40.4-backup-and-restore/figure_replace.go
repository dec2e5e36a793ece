package backupandrestore

import (
	"quorumlab/plots/chart"
)

// chartOfReplacement draws what was asked for, in order, and the answers.
func chartOfReplacement(tries []try) chart.Chart {
	m := chart.Matrix{Corner: "asked for, in this order", Columns: []string{"etcd's answer"}, Remarks: "because"}
	for _, t := range tries {
		cell := chart.Cell{Text: "done", Mood: chart.Good}
		if t.answer != answered {
			cell = chart.Cell{Text: t.answer, Mood: chart.Bad}
		}
		m.Rows = append(m.Rows, chart.MatrixRow{Name: t.what, Cells: []chart.Cell{cell}, Remark: t.why})
	}
	return chart.Chart{
		Name: "replacement", Title: "Remove the dead member first, add the new one as a learner, promote it last",
		Subtitle: "three members, one killed; etcd checks every change of the members (strict reconfiguration)",
		About:    "Each row is a change that was asked for, from the top down, with etcd's own words.",
		Panels:   []chart.Panel{m},
	}
}
