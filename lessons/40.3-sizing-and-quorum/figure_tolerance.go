package sizingandquorum

import (
	"quorumlab/plots/chart"
)

// toleranceChart is how many members can be lost, by how many there are.
func toleranceChart(ts []tolerance) chart.Chart {
	return chart.Chart{
		Name: "tolerance", Title: "Every second member adds nothing",
		Subtitle: "members killed one after the other until no write was acknowledged",
		About: "The steps are the rule, floor((n-1)/2). Marks are the results on the simulator and with real etcd servers, " +
			"crashed one by one. Where both were tried the marks coincide.",
		Panels: []chart.Panel{toleranceLines(ts, "")},
	}
}

func toleranceLines(ts []tolerance, title string) chart.Lines {
	rule := chart.Series{Name: "floor((n-1)/2)", Expected: true, Steps: true}
	simulated := chart.Series{Name: "simulated", Bare: true}
	members := chart.Series{Name: "real members", Bare: true}
	for _, t := range ts {
		x := float64(t.Members)
		rule.Points = append(rule.Points, chart.XY{X: x, Y: float64(t.Rule)})
		simulated.Points = append(simulated.Points, chart.XY{X: x, Y: float64(t.Sim)})
		if t.Real >= 0 {
			members.Points = append(members.Points, chart.XY{X: x, Y: float64(t.Real)})
		}
	}
	return chart.Lines{
		Title:  title,
		X:      chart.Axis{Label: "members", Whole: true, Min: 0.5, Max: mostMembers + 0.5},
		Y:      chart.Axis{Label: "members that can be lost", Whole: true, Min: -0.2, Max: 3.5},
		Series: []chart.Series{rule, simulated, members},
	}
}
