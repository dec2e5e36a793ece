package plots

import (
	"errors"
	"io"
	"testing"
	"time"

	"quorumlab/plots/plottest"
)

// BenchmarkRun is everything that a run leaves in pictures: all figures as SVG and
// PNG, and the report.
func BenchmarkRun(b *testing.B) {
	tr := plottest.Play(60*time.Second, 200)
	in := input(tr)
	for b.Loop() {
		pictures, err := Read(tr).DrawAll(true)
		if err != nil {
			b.Fatal(err)
		}
		in.Pictures = pictures
		if err := Report(io.Discard, in); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(tr.Events)), "events")
}

// BenchmarkFigure is one figure from the trace to SVG and PNG.
func BenchmarkFigure(b *testing.B) {
	r := Read(plottest.Play(60*time.Second, 200))
	for _, f := range Figures() {
		b.Run(f.Name, func(b *testing.B) {
			applies(b, f, r)
			for b.Loop() {
				if _, err := r.Draw(f, true); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkPoints is the part of a figure that depends on the trace's length.
func BenchmarkPoints(b *testing.B) {
	r := Read(plottest.Play(60*time.Second, 200))
	for _, f := range Figures() {
		b.Run(f.Name, func(b *testing.B) {
			applies(b, f, r)
			for b.Loop() {
				if _, err := f.Points(r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// applies skips a figure that has nothing to show of the run.
func applies(b *testing.B, f *Figure, r *Run) {
	if _, err := f.Points(r); errors.Is(err, ErrNothing) {
		b.Skip(err)
	}
}
