package backupandrestore

import "quorumlab/plots"

// chartOfReplacement draws what was asked for, in order, and the answers.
func chartOfReplacement(tries []try) plots.Chart {
	m := plots.Matrix{Corner: "requests, in this order", Columns: []string{"etcd's response"}, Remarks: "reason"}
	for _, t := range tries {
		cell := plots.Cell{Text: "done", Mood: plots.Good}
		if t.answer != answered {
			cell = plots.Cell{Text: t.answer, Mood: plots.Bad}
		}
		m.Rows = append(m.Rows, plots.MatrixRow{Name: t.what, Cells: []plots.Cell{cell}, Remark: t.why})
	}
	return plots.Chart{
		Name: "replacement", Title: "Remove the dead member first, add the new one as a learner, promote it last",
		Subtitle: "three members, one killed; etcd checks every membership change (strict reconfiguration)",
		About:    "Each row is a requested change, from top to bottom, with etcd's own words.",
		Panels:   []plots.ChartPanel{m},
	}
}
