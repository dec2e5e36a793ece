package sizingandquorum

import "quorumlab/plots"

// joiningChart is what was answered, by how the member was added.
func joiningChart(js []joined) plots.Chart {
	m := plots.Matrix{Corner: "request"}
	rows := []struct {
		name string
		text func(joined) string
	}{
		{"add the member", func(j joined) string { return j.Add }},
		{"the next put", func(j joined) string { return j.Put }},
		{"promote it", func(j joined) string { return j.Promote }},
		{"remove it again", func(j joined) string { return j.Remove }},
	}
	for _, j := range js {
		m.Columns = append(m.Columns, "added as a "+j.As)
	}
	for _, r := range rows {
		row := plots.MatrixRow{Name: r.name}
		for _, j := range js {
			row.Cells = append(row.Cells, plots.Cell{Text: r.text(j), Mood: mood(r.text(j))})
		}
		m.Rows = append(m.Rows, row)
	}
	return plots.Chart{
		Name: "joining", Title: "A voter that never started blocks its cluster; a learner does not",
		Subtitle: "a cluster of one, to which a machine was added that never started",
		About:    "With a second voter the quorum is two, and one of the two is missing: nothing is answered any more, not even the removal. A learner has no vote until it has caught up and is promoted.",
		Panels:   []plots.ChartPanel{m},
	}
}

func mood(text string) plots.Mood {
	switch text {
	case "answers":
		return plots.Good
	case "no answer":
		return plots.Bad
	case "refused":
		return plots.Partly
	}
	return plots.Neutral
}
