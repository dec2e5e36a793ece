package sizingandquorum

import (
	"quorumlab/plots/chart"
)

// joiningChart is what was answered, by how the member was added.
func joiningChart(js []joined) chart.Chart {
	m := chart.Matrix{Corner: "request"}
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
		row := chart.MatrixRow{Name: r.name}
		for _, j := range js {
			row.Cells = append(row.Cells, chart.Cell{Text: r.text(j), Mood: mood(r.text(j))})
		}
		m.Rows = append(m.Rows, row)
	}
	return chart.Chart{
		Name: "joining", Title: "A voter that never started blocks its cluster; a learner does not",
		Subtitle: "a cluster of one, to which a machine was added that never started",
		About: "With a second voter the quorum is two, and one of the two is missing: nothing is answered any more, not " +
			"even the removal. A learner has no vote until it has caught up and is promoted.",
		Panels: []chart.Panel{m},
	}
}

func mood(text string) chart.Mood {
	switch text {
	case "answers":
		return chart.Good
	case "no answer":
		return chart.Bad
	case "refused":
		return chart.Partly
	}
	return chart.Neutral
}
