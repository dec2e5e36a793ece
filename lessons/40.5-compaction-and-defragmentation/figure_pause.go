package compactionanddefragmentation

import (
	"quorumlab/plots"
	"quorumlab/sim"
)

// chartOfPauses draws the follower's pauses over the size, and the longest puts.
func chartOfPauses(ps []pause, led pause) plots.Chart {
	took, self, other := plots.Series{Name: "defragmentation", Marks: true}, plots.Series{Name: "longest put at that follower", Marks: true}, plots.Series{Name: "longest put at the others", Marks: true}
	for _, p := range ps {
		x := mib(p.size)
		took.Points = append(took.Points, plots.XY{X: x, Y: sim.MillisOf(p.took)})
		self.Points = append(self.Points, plots.XY{X: x, Y: sim.MillisOf(p.worst[2])})
		other.Points = append(other.Points, plots.XY{X: x, Y: sim.MillisOf(max(p.worst[1], p.worst[3]))})
	}
	last := ps[len(ps)-1]
	counts := func(p pause) []float64 {
		return []float64{float64(p.answered[1]), float64(p.answered[2]), float64(p.answered[3])}
	}
	return plots.Chart{
		Name: "defrag-pause", Title: "While its file is rewritten a member answers nobody; the others do",
		Subtitle: "three members, n1 is the leader; each has a client that puts continuously",
		About:    "Left: how long the defragmentation of follower n2 took at each size, and the longest put that overlapped it. Right: the puts that each member answered while n2, and then the leader n1, was defragmented at the largest size.",
		Panels: []plots.ChartPanel{
			plots.Lines{Title: "Follower n2 is defragmented", X: plots.Axis{Label: "database file (MiB)"}, Y: plots.Axis{Label: "time (ms)"}, Series: []plots.Series{took, self, other}},
			plots.Bars{Title: "Puts answered meanwhile", Names: []string{"n1 (leader)", "n2", "n3"}, XLabel: "contacted member", Y: plots.Axis{Label: "puts", Whole: true},
				Sets: []plots.BarSet{{Name: "n2 being defragmented", Values: counts(last)}, {Name: "n1 being defragmented", Values: counts(led)}}},
		},
	}
}
