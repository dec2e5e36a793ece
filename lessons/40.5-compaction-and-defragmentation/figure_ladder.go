package compactionanddefragmentation

import (
	"quorumlab/lessons"
	"quorumlab/plots/chart"
)

// chart draws the file and what of it is in use over the puts, and then over the steps, which
// have the same width each.
func (l *ladder) chart() chart.Chart {
	file, used := chart.Series{Name: "file", Steps: true}, chart.Series{Name: "in use", Steps: true}
	add := func(x float64, g growthPoint) {
		file.Points = append(file.Points, chart.XY{X: x, Y: lessons.MiB(g.size.Size)})
		used.Points = append(used.Points, chart.XY{X: x, Y: lessons.MiB(g.size.InUse)})
	}
	for _, g := range l.growth {
		add(float64(g.puts), g)
	}
	width := float64(l.puts) / 4
	var moments []chart.Reference
	x := float64(l.puts)
	moments = append(moments, chart.Reference{Name: "full", At: x})
	for _, r := range l.rungs {
		x += width
		add(x, growthPoint{size: r.size})
		moments = append(moments, chart.Reference{Name: r.after(), At: x})
	}
	last := l.rungs[len(l.rungs)-1]
	add(x+width, growthPoint{size: last.size})
	return chart.Chart{
		Name: "ladder", Title: "Only the last step restores writes",
		Subtitle: "one key of 16 KiB overwritten until the quota is full, then one step after the other, each followed by " +
			"a put",
		About: "Left of the mark \"full\" the axis counts puts; after it each step has the same width. The lines are the " +
			"size of the database file and the part in use; the dashed horizontal line is the quota.",
		Panels: []chart.Panel{chart.Lines{
			// room for the names of the steps
			X: chart.Axis{Label: "puts, then steps"}, Y: chart.Axis{Label: "size (MiB)", Min: 0, Max: 11},
			Series: []chart.Series{file, used}, Moments: moments,
			Across: []chart.Reference{{Name: "quota", At: lessons.MiB(ladderQuota)}},
		}},
	}
}
