package sizingandquorum

import (
	"quorumlab/plots"
	"quorumlab/sim/plan"
)

// paceChart sets what members buy beside what they cost.
func paceChart(ps []pace) plots.Chart {
	bought := plots.Series{Name: "can be lost", Steps: true, Marks: true}
	for n := 1; n <= mostMembers; n++ {
		bought.Points = append(bought.Points, plots.XY{X: float64(n), Y: float64(plan.Tolerates(n))})
	}
	cost := plots.Series{Name: "puts per second", Marks: true}
	for _, p := range ps {
		cost.Points = append(cost.Points, plots.XY{X: float64(p.Members), Y: p.PerSecond})
	}
	x := plots.Axis{Label: "members", Whole: true, Min: 0.5, Max: mostMembers + 0.5}
	return plots.Chart{
		Name: "bought-and-paid", Title: "What members buy, and what they cost",
		Subtitle: "16 writers; all members share this machine's CPUs and disk, so the slope is steeper than on separate machines",
		About:    "Left: how many members can be lost. Right: acknowledged writes per second; on a busy machine single points scatter.",
		Panels: []plots.ChartPanel{
			plots.Lines{Title: "Bought", X: x, Y: plots.Axis{Label: "members that can be lost", Whole: true, Min: -0.2, Max: 3.5}, Series: []plots.Series{bought}},
			// The first series of the second panel has the first one's colour: an empty one makes room.
			plots.Lines{Title: "Paid", X: x, Y: plots.Axis{Label: "acknowledged puts per second"}, Series: []plots.Series{{}, cost}},
		},
	}
}
