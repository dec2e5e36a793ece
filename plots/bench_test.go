package plots

import (
	"errors"
	"testing"
	"time"

	"quorumlab/plots/chart"
	"quorumlab/plots/plottest"
)

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
	if _, err := f.Points(r); errors.Is(err, chart.ErrNothing) {
		b.Skip(err)
	}
}
