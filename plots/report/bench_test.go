package report

import (
	"io"
	"testing"
	"time"

	"quorumlab/plots"
	"quorumlab/plots/plottest"
)

// BenchmarkRun is everything that a run leaves in pictures: all figures as SVG and
// PNG, and the report.
func BenchmarkRun(b *testing.B) {
	tr := plottest.Play(60*time.Second, 200)
	in := input(tr)
	for b.Loop() {
		pictures, err := plots.Read(tr).DrawAll(true)
		if err != nil {
			b.Fatal(err)
		}
		in.Pictures = pictures
		if err := Run(io.Discard, in); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(tr.Events)), "events")
}
