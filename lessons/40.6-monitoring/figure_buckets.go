package monitoring

import (
	"quorumlab/plots/chart"
)

// bucketsChart shows what the quantile reads against what is true.
func bucketsChart(found []fsyncReading, curve []step) chart.Chart {
	const from, to = 0.02, 1.5
	reads := chart.Series{Name: "p99 if all fsyncs take that long", Steps: true}
	for _, s := range curve {
		if s.to <= from || s.above >= to {
			continue
		}
		reads.Points = append(reads.Points, chart.XY{X: max(s.above, from), Y: s.reads},
			chart.XY{X: min(s.to, to), Y: s.reads})
	}
	scraped := chart.Series{Name: "p99 of a real member", Bare: true}
	average := chart.Series{Name: "its mean, from sum and count", Bare: true}
	for _, r := range found {
		scraped.Points = append(scraped.Points, chart.XY{X: r.delay, Y: r.p99})
		average.Points = append(average.Points, chart.XY{X: r.delay, Y: r.mean})
	}
	return chart.Chart{
		Name: "buckets", Title: "A percentile reads the edge of a bucket",
		Subtitle: "etcd_disk_wal_fsync_duration_seconds, a single member, a known delay added to each fsync",
		About: "Horizontal: what an fsync really took. Vertical: what the metrics say. histogram_quantile only knows which " +
			"bucket the fsyncs are in, and returns nearly its upper edge; so all times in one bucket read the same. The mean, " +
			"from the histogram's sum and count, is exact.",
		Panels: []chart.Panel{chart.Lines{
			X: chart.Axis{Label: "delay added to each fsync (s)", Log: true, Min: from, Max: to},
			Y: chart.Axis{Label: "what the metrics say (s)", Log: true},
			Series: []chart.Series{reads, scraped, average, {Name: "the truth", Expected: true,
				Points: []chart.XY{{X: from, Y: from}, {X: to, Y: to}}}},
			Across: []chart.Reference{{Name: "warning: above 0.5 s", At: 0.5}, {Name: "critical: above 1 s", At: 1}},
		}},
	}
}
