package whatetcdis

import (
	"fmt"

	"quorumlab/plots/chart"
)

// revisionChart shows the keys' values over the store's revisions, and what a watch of them
// all is told.
func revisionChart(seen []change) chart.Chart {
	l := valueLanes(seen)
	return chart.Chart{
		Name: "revisions", Title: "One counter for the whole store",
		Subtitle: "two keys in a new store; each write, to any key, makes a revision",
		About: "One lane per key: its values over the store's revisions. The last lane is what a watch receives that " +
			"starts at revision 2 after everything has happened: every change, in order, two of them in the transaction's " +
			"revision.",
		Panels: []chart.Panel{l},
	}
}

// valueLanes are a lane a key, in the order in which they come, and one of the watch.
func valueLanes(seen []change) chart.Lanes {
	end := float64(seen[len(seen)-1].Revision+1) - gap
	l := chart.Lanes{X: chart.Axis{Label: "revision of the store", Whole: true, Min: 1, Max: end + gap}}
	lane := map[string]int{}
	told := chart.Lane{Name: "watch from 2"}
	for _, c := range seen {
		i, ok := lane[c.Key]
		if !ok {
			i = len(l.Rows)
			lane[c.Key] = i
			l.Rows = append(l.Rows, chart.Lane{Name: "key " + c.Key})
		}
		cut(l.Rows[i].Stretches, float64(c.Revision))
		if c.Value != "" {
			l.Rows[i].Stretches = append(l.Rows[i].Stretches, chart.Stretch{From: float64(c.Revision), To: end,
				Text: fmt.Sprintf("%q", c.Value), Mood: chart.Good})
		}
		told.Stretches = tell(told.Stretches, c)
	}
	l.Rows = append(l.Rows, told)
	return l
}

// gap is the air between two stretches.
const gap = 0.03

// cut ends the last stretch, if there is one that lasts.
func cut(ss []chart.Stretch, at float64) {
	if n := len(ss); n > 0 && ss[n-1].To > at {
		ss[n-1].To = at - gap
	}
}

// tell adds a change to what the watch is told: those of one revision are one stretch.
func tell(ss []chart.Stretch, c change) []chart.Stretch {
	text := fmt.Sprintf("%s = %s", c.Key, c.Value)
	if c.Value == "" {
		text = c.Key + " deleted"
	}
	if n := len(ss); n > 0 && ss[n-1].From == float64(c.Revision) {
		ss[n-1].Text += ", " + text
		return ss
	}
	return append(ss, chart.Stretch{From: float64(c.Revision), To: float64(c.Revision) + 1 - gap, Text: text,
		Mood: chart.Neutral})
}
