package pgdump

import (
	"slices"
	"strings"

	"quorumlab/lessons"
	"quorumlab/plots/chart"
)

// chartOfFormats draws the size of each dump against the time that it took, and all sizes.
func chartOfFormats(all []*container) chart.Chart {
	var families []chart.Series
	for _, family := range []string{"plain", "custom", "directory", "tar"} {
		s := chart.Series{Name: familyName(all, family), Bare: true}
		for _, c := range all {
			if c.family == family {
				s.Points = append(s.Points, chart.XY{X: float64(c.took.Milliseconds()), Y: lessons.MiB(c.size)})
			}
		}
		slices.SortFunc(s.Points, func(a, b chart.XY) int { return int(a.X - b.X) })
		families = append(families, s)
	}
	sizes := chart.Bars{Title: "Size of each", XLabel: "format (-F) and compression",
		Y: chart.Axis{Label: "size (MiB)"}}
	set := chart.BarSet{}
	for _, c := range all {
		sizes.Names = append(sizes.Names, strings.TrimPrefix(c.options, "-F"))
		set.Values = append(set.Values, lessons.MiB(c.size))
	}
	sizes.Sets = []chart.BarSet{set}
	return chart.Chart{
		Name: "formats", Title: "Compression halves a dump; which container it is in hardly matters",
		Subtitle: "pg_dump of one database; two thirds of it are scans, whose bytes can't be compressed",
		About: "Left: each mark is a dump, its time and its size; the best are at the bottom left. Right: the sizes. The " +
			"times " +
			"depend on the machine, the sizes hardly do.",
		Panels: []chart.Panel{chart.Lines{Title: "Time and size", X: chart.Axis{Label: "time (ms)"},
			Y: chart.Axis{Label: "size (MiB)"}, Series: families}, sizes},
	}
}
