package sizingandquorum

import (
	"quorumlab/plots/chart"
	"quorumlab/sim/plan"
)

// paceChart sets what members buy beside what they cost.
func paceChart(ps []pace) chart.Chart {
	bought := chart.Series{Name: "can be lost", Steps: true, Marks: true}
	for n := 1; n <= mostMembers; n++ {
		bought.Points = append(bought.Points, chart.XY{X: float64(n), Y: float64(plan.Tolerates(n))})
	}
	cost := chart.Series{Name: "puts per second", Marks: true}
	for _, p := range ps {
		cost.Points = append(cost.Points, chart.XY{X: float64(p.Members), Y: p.PerSecond})
	}
	x := chart.Axis{Label: "members", Whole: true, Min: 0.5, Max: mostMembers + 0.5}
	return chart.Chart{
		Name: "bought-and-paid", Title: "What members buy, and what they cost",
		Subtitle: "16 writers; all members share this machine's CPUs and disk, so the slope is steeper than on separate " +
			"machines",
		About: "Left: how many members can be lost. Right: acknowledged writes per second; on a busy machine single points " +
			"scatter.",
		Panels: []chart.Panel{
			chart.Lines{Title: "Bought", X: x, Y: chart.Axis{Label: "members that can be lost", Whole: true, Min: -0.2,
				Max: 3.5}, Series: []chart.Series{bought}},
			// The first series of the second panel has the first one's colour: an empty one makes room.
			chart.Lines{Title: "Paid", X: x, Y: chart.Axis{Label: "acknowledged puts per second"},
				Series: []chart.Series{{}, cost}},
		},
	}
}
