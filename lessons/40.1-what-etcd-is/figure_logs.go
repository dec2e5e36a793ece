package whatetcdis

import (
	"strconv"

	"quorumlab/plots/chart"
	"quorumlab/sim"
)

// logWidth is how many entries of each log are shown.
const logWidth = 10

// logChart shows the ends of the logs before and after the network was healed, as the
// Raft paper draws logs in its figure 7.
func logChart(t *sim.Trace, before, after logs) chart.Chart {
	first := before.committed()
	for _, m := range []sim.MemberID{1, 2} {
		first = min(first, before.commit[m])
	}
	first -= min(first-1, 2)
	return chart.Chart{
		Name: "logs", Title: "The majority's log overwrites the cut-off leader's entries",
		Subtitle: "the tails of the logs, with the term of each entry; n1, leader of term 2, and n2 were cut off; simulated",
		About: "One row per member, one column per log index; a cell holds the term of the leader that made the entry. " +
			"Plain: the member knows that it is committed. Hatched: not committed, and gone at the end.",
		Panels: []chart.Panel{
			logMatrix(t, "before the network is healed", before, after, first),
			logMatrix(t, "at the end", after, after, first),
		},
	}
}

// logMatrix is the logs at one moment. An entry that is not there in the end is bad.
func logMatrix(t *sim.Trace, title string, now, end logs, first uint64) chart.Matrix {
	m := chart.Matrix{Title: title, Corner: "index"}
	for i := range uint64(logWidth) {
		m.Columns = append(m.Columns, strconv.FormatUint(first+i, 10))
	}
	for i := range t.Members {
		id := sim.MemberID(i + 1)
		row := chart.MatrixRow{Name: t.Scenario.MemberName(id)}
		for k := range uint64(logWidth) {
			index := first + k
			e, ok := now.entries[id][index]
			row.Cells = append(row.Cells, logCell(e, ok, index <= now.commit[id], end.entries[id][index].Hash == e.Hash))
		}
		m.Rows = append(m.Rows, row)
	}
	return m
}

func logCell(e entry, there, committed, stays bool) chart.Cell {
	switch {
	case !there:
		return chart.Cell{}
	case committed:
		return chart.Cell{Text: strconv.FormatUint(e.Term, 10), Mood: chart.Good}
	case !stays:
		return chart.Cell{Text: strconv.FormatUint(e.Term, 10), Mood: chart.Bad}
	}
	return chart.Cell{Text: strconv.FormatUint(e.Term, 10), Mood: chart.Partly}
}
