package compactionanddefragmentation

import (
	"quorumlab/lessons"
	"quorumlab/plots/chart"
	"quorumlab/sim"
)

// chartOfPauses draws the follower's pauses over the size, and the longest puts.
func chartOfPauses(ps []pause, led pause) chart.Chart {
	took, self, other := chart.Series{Name: "defragmentation", Marks: true},
		chart.Series{Name: "longest put at that follower", Marks: true}, chart.Series{Name: "longest put at the others",
			Marks: true}
	for _, p := range ps {
		x := lessons.MiB(p.size)
		took.Points = append(took.Points, chart.XY{X: x, Y: sim.MillisOf(p.took)})
		self.Points = append(self.Points, chart.XY{X: x, Y: sim.MillisOf(p.worst[2])})
		other.Points = append(other.Points, chart.XY{X: x, Y: sim.MillisOf(max(p.worst[1], p.worst[3]))})
	}
	last := ps[len(ps)-1]
	counts := func(p pause) []float64 {
		return []float64{float64(p.answered[1]), float64(p.answered[2]), float64(p.answered[3])}
	}
	return chart.Chart{
		Name: "defrag-pause", Title: "While its file is rewritten a member answers nobody; the others do",
		Subtitle: "three members, n1 is the leader; each has a client that puts continuously",
		About: "Left: how long the defragmentation of follower n2 took at each size, and the longest put that " +
			"overlapped it. Right: the puts that each member answered while n2, and then the leader n1, was defragmented at " +
			"the largest size.",
		Panels: []chart.Panel{
			chart.Lines{Title: "Follower n2 is defragmented", X: chart.Axis{Label: "database file (MiB)"},
				Y: chart.Axis{Label: "time (ms)"}, Series: []chart.Series{took, self, other}},
			chart.Bars{Title: "Puts answered meanwhile", Names: []string{"n1 (leader)", "n2", "n3"}, XLabel: "contacted member",
				Y: chart.Axis{Label: "puts", Whole: true},
				Sets: []chart.BarSet{{Name: "n2 being defragmented", Values: counts(last)},
					{Name: "n1 being defragmented", Values: counts(led)}}},
		},
	}
}
