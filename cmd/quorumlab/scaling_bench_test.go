//go:build unix

package main

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"quorumlab/plots/chart"
	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/raftsim"
	"quorumlab/sim/sweep"
)

var plotInto = flag.String("plot", "", "the folder that BenchmarkScaling leaves its picture in")

// scaled is ten seconds under load, of which the number of members and the rate are varied.
const scaled = `
name: scaled
title: Ten seconds under load
about: Nothing goes wrong.
engines: [sim]
cluster: {members: 5}
workload: {clients: 8, rate: 100/s, keys: 64}
run: 10s
`

// scale is what the cost is measured over.
type scale struct {
	name, unit string
	values     []int
	run        func(b *testing.B, n int)
}

var scales = []scale{
	{"members", "members", []int{3, 5, 7, 11, 21, 41, 71, 101}, func(b *testing.B, n int) {
		runScaled(b, fmt.Sprint("cluster.members=", n))
	}},
	{"operations", "operations in ten seconds", []int{10, 30, 100, 300, 1000, 3000, 10_000, 30_000},
		func(b *testing.B, n int) {
			runScaled(b, fmt.Sprintf("workload.rate=%d/s", n/10))
		}},
	{"trials", "trials of a line of Figure 16", []int{1, 3, 10, 30, 100, 300, 1000, 3000, 10_000},
		func(b *testing.B, n int) {
			p, ts := figure16(b, "true", n)
			w, err := sweep.OpenWork(b.TempDir(), p, sweep.Opening{})
			if err != nil {
				b.Fatal(err)
			}
			if _, err := w.RunAll(b.Context(), ts, 1, nil); err != nil {
				b.Fatal(err)
			}
			if err := w.Publish(); err != nil {
				b.Fatal(err)
			}
		}},
}

func runScaled(b *testing.B, set string) {
	s, err := scenarios.ParseWith("scaled.yaml", []byte(scaled), []string{set})
	if err != nil {
		b.Fatal(err)
	}
	safety := check.NewSafety()
	if err := (raftsim.Engine{}).Run(b.Context(), s, sim.NewRecorder(sim.AllKinds, safety), nil); err != nil {
		b.Fatal(err)
	}
	if safety.Broken() {
		b.Fatal("the run is not safe")
	}
}

// BenchmarkScaling measures what runs cost in processor time over the number of members,
// of operations and of trials, the least of b.N times. Its figures are the exponents of
// that growth over the last ten times: 1 is linear. With -plot it draws it.
func BenchmarkScaling(b *testing.B) {
	costs := make([][]chart.XY, len(scales))
	for first := true; b.Loop(); first = false {
		for i, s := range scales {
			for k, n := range s.values {
				cost := chart.XY{X: float64(n), Y: millisOfCPU(func() { s.run(b, n) })}
				if first {
					costs[i] = append(costs[i], cost)
				}
				costs[i][k].Y = min(costs[i][k].Y, cost.Y)
			}
		}
	}
	for i, s := range scales {
		b.ReportMetric(exponent(costs[i]), s.name+"-exponent")
	}
	if *plotInto != "" {
		drawScaling(b, costs)
	}
}

func millisOfCPU(f func()) float64 {
	before := cpuTime()
	f()
	return max(float64(cpuTime()-before)/float64(time.Millisecond), 0.001)
}

// exponent is the slope of a line in logarithms through the points of the last ten times.
func exponent(ps []chart.XY) float64 {
	var n, x, y, xx, xy float64
	for _, p := range ps {
		if lx, ly := math.Log(p.X), math.Log(p.Y); p.X*10 >= ps[len(ps)-1].X {
			n, x, y, xx, xy = n+1, x+lx, y+ly, xx+lx*lx, xy+lx*ly
		}
	}
	return (n*xy - x*y) / (n*xx - x*x)
}

func drawScaling(b *testing.B, costs [][]chart.XY) {
	c := chart.Chart{Name: "scaling", Title: "What a run costs",
		Subtitle: "processor time with the safety checks on, in one thread; dashed: in proportion, through the last point"}
	for i, s := range scales {
		ps := costs[i]
		last := ps[len(ps)-1]
		straight := []chart.XY{{X: ps[0].X, Y: last.Y * ps[0].X / last.X}, last}
		c.Panels = append(c.Panels, chart.Lines{
			Title: fmt.Sprintf("%s: exponent %.2f", s.name, exponent(ps)),
			X:     chart.Axis{Label: s.unit, Log: true}, Y: chart.Axis{Label: "ms", Log: true},
			Series: []chart.Series{{Name: "measured", Points: ps, Marks: true},
				{Name: "in proportion", Points: straight, Expected: true}},
		})
	}
	svg, png, err := c.Render()
	if err != nil {
		b.Fatal(err)
	}
	if err := os.MkdirAll(*plotInto, 0o777); err != nil {
		b.Fatal(err)
	}
	for end, data := range map[string][]byte{".svg": svg, ".png": png} {
		if err := os.WriteFile(filepath.Join(*plotInto, c.Name+end), data, 0o666); err != nil {
			b.Fatal(err)
		}
	}
}
