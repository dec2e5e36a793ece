package whatetcdis

import "quorumlab/plots"

// speedChart is the distribution of the times of each operation.
func speedChart(ts []timed) plots.Chart {
	l := plots.Lines{
		X: plots.Axis{Label: "latency (ms)", Log: true},
		Y: plots.Axis{Label: "share of operations that took no longer", Percent: true},
	}
	for _, t := range ts {
		l.Series = append(l.Series, plots.Distribution(t.About, t.Millis))
	}
	return plots.Chart{
		Name: "latency", Title: "A put waits for disks, a get for the network, a serializable get for nobody",
		Subtitle: "three members, each in its own process on this machine, asked through the leader",
		About:    "The further right a line, the slower the operation; the flatter it is, the more its latency varies. The scale is logarithmic.",
		Panels:   []plots.ChartPanel{l},
	}
}
