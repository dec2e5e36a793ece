//go:build unix

package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"syscall"
	"testing"
	"time"

	"quorumlab/sim/sweep"
)

// BenchmarkFigure16 is the ten lines of the Raft paper's Figure 16 at 1000 trials (100
// for the first, as in the paper), on all cores, with each of the two families.
func BenchmarkFigure16(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(gcPercent)) // as main does
	for _, family := range []string{"false", "true"} {
		b.Run("pre-vote="+family, func(b *testing.B) {
			p, ts := figure16(b, family, 0)
			out := b.TempDir()
			cpu := cpuTime()
			for b.Loop() {
				w, err := sweep.OpenWork(out, p, sweep.Opening{})
				if err != nil {
					b.Fatal(err)
				}
				if _, err := w.RunAll(b.Context(), ts, runtime.GOMAXPROCS(0), nil); err != nil {
					b.Fatal(err)
				}
				if err := w.Publish(); err != nil {
					b.Fatal(err)
				}
			}
			n := float64(p.Own() * b.N)
			b.ReportMetric(b.Elapsed().Seconds()/n*1e6, "us/trial")
			b.ReportMetric((cpuTime()-cpu).Seconds()/n*1e6, "cpu-us/trial")
		})
	}
}

// BenchmarkSweepMemory is what a sweep allocates at most at a time: it does not grow
// with the number of trials.
func BenchmarkSweepMemory(b *testing.B) {
	for _, trials := range []int{100, 1000, 10_000} {
		b.Run(fmt.Sprint(trials), func(b *testing.B) {
			var before, after runtime.MemStats
			p, ts := figure16(b, "true", trials)
			out := b.TempDir()
			for b.Loop() {
				w, err := sweep.OpenWork(out, p, sweep.Opening{})
				if err != nil {
					b.Fatal(err)
				}
				runtime.GC()
				runtime.ReadMemStats(&before)
				if _, err := w.RunAll(b.Context(), ts, 1, nil); err != nil {
					b.Fatal(err)
				}
				runtime.ReadMemStats(&after)
				if err := w.Publish(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(after.HeapSys)/1e6, "MB-heap")
			b.ReportMetric(float64(after.Mallocs-before.Mallocs)/float64(p.Own()), "allocs/trial")
		})
	}
}

// figure16 are the trials of one family, or of its 150-300 ms line with that many trials.
func figure16(b *testing.B, preVote string, n int) (*sweep.Design, *sweep.Trials) {
	b.Helper()
	o := sweepOptions{trials: n, shard: "1/1", jobs: 1}
	if n > 0 {
		o.vary = []string{"cluster.election=150ms..300ms"}
	}
	p, err := o.design([]string{"figure-16"})
	if err != nil {
		b.Fatal(err)
	}
	if n == 0 {
		p.Axes = p.Axes[:1]
		p.Variations = sweep.Cross(p.Axes, 1000)
	}
	p.Sets = append(p.Sets, "cluster.pre-vote="+preVote)
	ts, err := newTrials(p)
	if err != nil {
		b.Fatal(err)
	}
	return p, ts
}

// cpuTime is what the process has used, its garbage collector included: what a
// benchmark takes on a machine that does other things too.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
