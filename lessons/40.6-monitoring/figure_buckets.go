package monitoring

import (
	"quorumlab/plots"
)

// bucketsChart shows what the quantile reads against what is true.
func bucketsChart(found []fsyncReading, curve []step) plots.Chart {
	const from, to = 0.02, 1.5
	reads := plots.Series{Name: "p99 if all fsyncs take that long", Steps: true}
	for _, s := range curve {
		if s.to <= from || s.above >= to {
			continue
		}
		reads.Points = append(reads.Points, plots.XY{X: max(s.above, from), Y: s.reads}, plots.XY{X: min(s.to, to), Y: s.reads})
	}
	scraped := plots.Series{Name: "p99 of a real member", Bare: true}
	average := plots.Series{Name: "its mean, from sum and count", Bare: true}
	for _, r := range found {
		scraped.Points = append(scraped.Points, plots.XY{X: r.delay, Y: r.p99})
		average.Points = append(average.Points, plots.XY{X: r.delay, Y: r.mean})
	}
	return plots.Chart{
		Name: "buckets", Title: "A percentile reads the edge of a bucket",
		Subtitle: "etcd_disk_wal_fsync_duration_seconds, a single member, a known delay added to each fsync",
		About: "Horizontal: what an fsync really took. Vertical: what the metrics say. histogram_quantile only knows which bucket the fsyncs are in, " +
			"and returns nearly its upper edge; so all times in one bucket read the same. The mean, from the histogram's sum and count, is exact.",
		Panels: []plots.ChartPanel{plots.Lines{
			X:      plots.Axis{Label: "delay added to each fsync (s)", Log: true, Min: from, Max: to},
			Y:      plots.Axis{Label: "what the metrics say (s)", Log: true},
			Series: []plots.Series{reads, scraped, average, {Name: "the truth", Expected: true, Points: []plots.XY{{X: from, Y: from}, {X: to, Y: to}}}},
			Across: []plots.Reference{{Name: "warning: above 0.5 s", At: 0.5}, {Name: "critical: above 1 s", At: 1}},
		}},
	}
}
