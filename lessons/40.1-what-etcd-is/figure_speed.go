package whatetcdis

import (
	"quorumlab/plots/chart"
)

// speedChart is the distribution of the times of each operation.
func speedChart(ts []timed) chart.Chart {
	l := chart.Lines{
		X: chart.Axis{Label: "latency (ms)", Log: true},
		Y: chart.Axis{Label: "share of operations that took no longer", Percent: true},
	}
	for _, t := range ts {
		l.Series = append(l.Series, chart.Distribution(t.About, t.Millis))
	}
	return chart.Chart{
		Name: "latency", Title: "A put waits for disks, a get for the network, a serializable get for nobody",
		Subtitle: "three members, each in its own process on this machine, asked through the leader",
		About: "The further right a line, the slower the operation; the flatter it is, the more its latency varies. The " +
			"scale is logarithmic.",
		Panels: []chart.Panel{l},
	}
}
