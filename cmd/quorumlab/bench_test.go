package main

import (
	"context"
	"io"
	"runtime/debug"
	"testing"

	"quorumlab/plots/folders"
	"quorumlab/scenarios"
	"quorumlab/sim/raftsim"
)

// minute is a minute of five members under 200 operations a second, with a crash.
const minute = `
name: minute
title: A minute under load
about: The leader crashes and comes back.
engines: [sim]
cluster: {members: 5}
workload: {clients: 8, rate: 200/s, keys: 64}
steps:
  - {at: 20s, for: 10s, do: crash leader}
run: 60s
expect: [linearizable]
`

// BenchmarkMinute is what a user waits for: with all checks and nothing written,
// and with the trace, the plots and the report.
func BenchmarkMinute(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(gcPercent)) // as main does
	for _, bm := range []struct {
		name  string
		write []string
	}{{"checks", nil}, {"everything", folders.Parts()}} {
		b.Run(bm.name, func(b *testing.B) {
			s, err := scenarios.Parse("minute.yaml", []byte(minute))
			if err != nil {
				b.Fatal(err)
			}
			dir := b.TempDir()
			for b.Loop() {
				j, err := job{s, &raftsim.Engine{}}.run(context.Background(), streams{out: io.Discard, err: io.Discard})
				if err != nil {
					b.Fatal(err)
				}
				at, err := folders.RunPlace(dir, s, "sim").Take()
				if err != nil {
					b.Fatal(err)
				}
				if _, err := (folders.RunFolder{Judged: j}).Leave(at, bm.write); err != nil {
					b.Fatal(err)
				}
				if err := at.Release(); err != nil {
					b.Fatal(err)
				}
				if !j.OK() {
					b.Fatal("the run failed its checks")
				}
			}
			b.ReportMetric(float64(b.N)*s.Run.Seconds()/b.Elapsed().Seconds(), "sim-s/s")
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/run")
		})
	}
}
