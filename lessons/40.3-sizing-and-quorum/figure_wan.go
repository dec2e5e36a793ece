package sizingandquorum

import (
	"quorumlab/plots/chart"
	"quorumlab/sim"
)

// wanChart is what election timeouts do on far links.
func wanChart(fs []far) chart.Chart {
	var leading, replacing []chart.Series
	for _, preVote := range []bool{false, true} {
		name := "without pre-vote"
		if preVote {
			name = "with pre-vote"
		}
		a, b := chart.Series{Name: name, Marks: true}, chart.Series{Name: name, Marks: true}
		for _, f := range fs {
			if f.PreVote != preVote {
				continue
			}
			x := sim.MillisOf(f.Election)
			a.Points = append(a.Points, chart.XY{X: x, Y: f.Elections})
			if f.Failover > 0 {
				b.Points = append(b.Points, chart.XY{X: x, Y: f.Failover / 1000})
			}
		}
		leading, replacing = append(leading, a), append(replacing, b)
	}
	x := chart.Axis{Label: "election timeout (ms)", Log: true}
	round := []chart.Reference{{Name: "round trip", At: 160}}
	return chart.Chart{
		Name: "far-links", Title: "With a timeout below the round trip elections never end; a long one delays failover",
		Subtitle: "five members, 80 ms one way between any two, heartbeat a fifth of the election timeout; simulated",
		About: "Left: elections per minute without faults. Right: how long it takes to replace a crashed leader. The " +
			"best timeout is as short as the left panel allows.",
		Panels: []chart.Panel{
			chart.Lines{Title: "Nothing fails", X: x, Y: chart.Axis{Label: "elections per minute"}, Series: leading,
				Moments: round},
			chart.Lines{Title: "The leader crashes", X: x, Y: chart.Axis{Label: "failover time (s)"}, Series: replacing,
				Moments: round},
		},
	}
}
