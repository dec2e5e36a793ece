package compactionanddefragmentation

import "quorumlab/plots"

// chart draws the file and what of it is in use over the puts, and then over the steps, which
// have the same width each.
func (l *ladder) chart() plots.Chart {
	file, used := plots.Series{Name: "file", Steps: true}, plots.Series{Name: "in use", Steps: true}
	add := func(x float64, g growthPoint) {
		file.Points = append(file.Points, plots.XY{X: x, Y: mib(g.size.Size)})
		used.Points = append(used.Points, plots.XY{X: x, Y: mib(g.size.InUse)})
	}
	for _, g := range l.growth {
		add(float64(g.puts), g)
	}
	width := float64(l.puts) / 4
	var moments []plots.Reference
	x := float64(l.puts)
	moments = append(moments, plots.Reference{Name: "full", At: x})
	for _, r := range l.rungs {
		x += width
		add(x, growthPoint{size: r.size})
		moments = append(moments, plots.Reference{Name: r.after(), At: x})
	}
	last := l.rungs[len(l.rungs)-1]
	add(x+width, growthPoint{size: last.size})
	return plots.Chart{
		Name: "ladder", Title: "Only the last step restores writes",
		Subtitle: "one key of 16 KiB overwritten until the quota is full, then one step after the other, each followed by a put",
		About:    "Left of the mark \"full\" the axis counts puts; after it each step has the same width. The lines are the size of the database file and the part in use; the dashed horizontal line is the quota.",
		Panels: []plots.ChartPanel{plots.Lines{
			X: plots.Axis{Label: "puts, then steps"}, Y: plots.Axis{Label: "size (MiB)", Min: 0, Max: 11}, // room for the names of the steps
			Series: []plots.Series{file, used}, Moments: moments,
			Across: []plots.Reference{{Name: "quota", At: mib(ladderQuota)}},
		}},
	}
}
