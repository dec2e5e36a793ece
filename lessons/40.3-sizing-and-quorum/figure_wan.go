package sizingandquorum

import (
	"quorumlab/plots"
	"quorumlab/sim"
)

// wanChart is what election timeouts do on far links.
func wanChart(fs []far) plots.Chart {
	var leading, replacing []plots.Series
	for _, preVote := range []bool{false, true} {
		name := "without pre-vote"
		if preVote {
			name = "with pre-vote"
		}
		a, b := plots.Series{Name: name, Marks: true}, plots.Series{Name: name, Marks: true}
		for _, f := range fs {
			if f.PreVote != preVote {
				continue
			}
			x := sim.MillisOf(f.Election)
			a.Points = append(a.Points, plots.XY{X: x, Y: f.Elections})
			if f.Failover > 0 {
				b.Points = append(b.Points, plots.XY{X: x, Y: f.Failover / 1000})
			}
		}
		leading, replacing = append(leading, a), append(replacing, b)
	}
	x := plots.Axis{Label: "election timeout (ms)", Log: true}
	round := []plots.Reference{{Name: "round trip", At: 160}}
	return plots.Chart{
		Name: "far-links", Title: "With a timeout below the round trip elections never end; a long one delays failover",
		Subtitle: "five members, 80 ms one way between any two, heartbeat a fifth of the election timeout; simulated",
		About:    "Left: elections per minute without faults. Right: how long it takes to replace a crashed leader. The best timeout is as short as the left panel allows.",
		Panels: []plots.ChartPanel{
			plots.Lines{Title: "Nothing fails", X: x, Y: plots.Axis{Label: "elections per minute"}, Series: leading, Moments: round},
			plots.Lines{Title: "The leader crashes", X: x, Y: plots.Axis{Label: "failover time (s)"}, Series: replacing, Moments: round},
		},
	}
}
