package whatetcdis

import (
	"strings"

	"quorumlab/plots"
)

// outageChart has one lane per operation.
func outageChart(out *outage) plots.Chart {
	l := plots.Lanes{
		X: plots.Axis{Label: "time (s)"},
		Moments: []plots.Reference{
			{Name: strings.Join(out.Dead, " and ") + " killed", At: out.Killed.Seconds()},
			{Name: out.Returned + " started", At: out.Back.Seconds()},
		},
	}
	for _, op := range operations {
		l.Rows = append(l.Rows, plots.Lane{Name: op.About, Stretches: stretches(out.Probes, op.Name)})
	}
	return plots.Chart{
		Name: "outage", Title: "Without a quorum puts and gets time out; a serializable get asks nobody",
		Subtitle: "one of three members, asked ten times a second; a client gives up after " + patience.String(),
		About:    "One lane per operation. Where there is no answer, the client waited and gave up; the last wait that was answered ends when two members had elected a leader.",
		Panels:   []plots.ChartPanel{l},
	}
}

// stretches joins tries of an operation that follow each other and ended the same way.
func stretches(ps []probe, op string) (ss []plots.Stretch) {
	for _, p := range ps {
		if p.Op != op {
			continue
		}
		s := plots.Stretch{From: p.Begun.Seconds(), To: p.End.Seconds(), Text: "no answer", Mood: plots.Bad}
		if p.Answered {
			s.Text, s.Mood = "answered", plots.Good
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
