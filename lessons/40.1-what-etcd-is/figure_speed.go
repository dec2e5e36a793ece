package whatetcdis

import (
	"quorumlab/plots/chart"
)

// speedChart is the distribution of the times of each operation.
func speedChart(ts []timed) chart.Chart {
	l := chart.Lines{
		X: chart.Axis{Label: "time until the answer (ms)", Log: true},
		Y: chart.Axis{Label: "share of the operations that took no longer", Percent: true},
	}
	for _, t := range ts {
		l.Series = append(l.Series, chart.Distribution(t.About, t.Millis))
	}
	return chart.Chart{
		Name: "latency", Title: "A put waits for disks, a get for messages, a serializable get for nobody",
		Subtitle: "three members in processes of their own on this machine, asked through the leader",
		About:    "How far to the right a line is says how long the operation takes; how flat it is, how much that differs. The scale is logarithmic.",
		Panels:   []chart.Panel{l},
	}
}
