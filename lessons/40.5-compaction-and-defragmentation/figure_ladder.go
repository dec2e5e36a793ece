package compactionanddefragmentation

import (
	"quorumlab/lessons"
	"quorumlab/plots/chart"
)

// chart draws the file and what of it is in use over the puts, and then after each step.
func (l *ladder) chart() chart.Chart {
	file, used := chart.Series{Name: "file", Steps: true}, chart.Series{Name: "in use", Steps: true}
	for _, g := range l.growth {
		x := float64(g.puts)
		file.Points = append(file.Points, chart.XY{X: x, Y: lessons.MiB(g.size.Size)})
		used.Points = append(used.Points, chart.XY{X: x, Y: lessons.MiB(g.size.InUse)})
	}
	var steps []string
	fileAfter, usedAfter := chart.BarSet{Name: "file after the step"}, chart.BarSet{Name: "in use after the step"}
	for _, r := range l.rungs {
		steps = append(steps, r.what)
		fileAfter.Values = append(fileAfter.Values, lessons.MiB(r.size.Size))
		fileAfter.Labels = append(fileAfter.Labels, map[bool]string{true: "put ok", false: "no puts"}[r.put == "ok"])
		usedAfter.Values = append(usedAfter.Values, lessons.MiB(r.size.InUse))
		usedAfter.Labels = append(usedAfter.Labels, "")
	}
	quota := []chart.Reference{{Name: "quota", At: lessons.MiB(ladderQuota)}}
	size := chart.Axis{Label: "size (MiB)"}
	return chart.Chart{
		Name: "ladder", Title: "Only the last step restores writes",
		Subtitle: "one key of 16 KiB overwritten until the quota is full, then one step after the other, each followed by " +
			"a put",
		About: "Left: the size of the database file and the part in use while one key is overwritten. Right: both after " +
			"each step, and whether a put was accepted then. The dashed line is the quota.",
		Panels: []chart.Panel{
			chart.Lines{Title: "One key is overwritten", X: chart.Axis{Label: "puts"}, Y: size,
				Series: []chart.Series{file, used}, Across: quota},
			chart.Bars{Title: "Then, in order", Names: steps, XLabel: "step", Y: size,
				Sets: []chart.BarSet{fileAfter, usedAfter}, Across: []chart.Reference{{At: quota[0].At}}},
		},
	}
}
