package whatetcdis

import (
	"strings"

	"quorumlab/plots/chart"
)

// outageChart has one lane per operation.
func outageChart(out *outage) chart.Chart {
	l := chart.Lanes{
		X: chart.Axis{Label: "time (s)"},
		Moments: []chart.Reference{
			{Name: strings.Join(out.Dead, " and ") + " killed", At: out.Killed.Seconds()},
			{Name: out.Returned + " started", At: out.Back.Seconds()},
		},
	}
	for _, op := range operations {
		l.Rows = append(l.Rows, chart.Lane{Name: op.About, Stretches: stretches(out.Probes, op.Name)})
	}
	return chart.Chart{
		Name: "outage", Title: "Without a quorum puts and gets time out; a serializable get asks nobody",
		Subtitle: "one of three members, asked ten times a second; a client gives up after " + patience.String(),
		About: "One lane per operation. Where there is no answer, the client waited and gave up; the last wait that was " +
			"answered ends when two members had elected a leader.",
		Panels: []chart.Panel{l},
	}
}

// stretches joins tries of an operation that follow each other and ended the same way.
func stretches(ps []probe, op string) (ss []chart.Stretch) {
	for _, p := range ps {
		if p.Op != op {
			continue
		}
		s := chart.Stretch{From: p.Begun.Seconds(), To: p.End.Seconds(), Text: "no answer", Mood: chart.Bad}
		if p.Answered {
			s.Text, s.Mood = "answered", chart.Good
		}
		if n := len(ss); n > 0 && ss[n-1].Mood == s.Mood {
			ss[n-1].To = s.To
			continue
		}
		if n := len(ss); n > 0 {
			ss[n-1].To = s.From
		}
		ss = append(ss, s)
	}
	return ss
}
