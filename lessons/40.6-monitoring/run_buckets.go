package monitoring

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/lessons"
	"quorumlab/sim"
	"quorumlab/sim/alert/monitor"
	"quorumlab/sim/etcdsim/cluster"
)

// delays are what is added to each fsync. Each group has a cluster of its own, and the groups
// run side by side.
var delays = [][]time.Duration{
	{40 * time.Millisecond, 150 * time.Millisecond, 300 * time.Millisecond},
	{600 * time.Millisecond},
	{800 * time.Millisecond},
}

// putsPerDelay is how many writes there are with each delay, and fsyncs at least.
const putsPerDelay = 4

const fsyncs = "etcd_disk_wal_fsync_duration_seconds"

// p99 and mean are what one asks a histogram, of what came between two scrapes a minute apart.
// They subtract, since increase would extrapolate to the edges of its window, and the sum not
// as far as the count.
const (
	p99  = `histogram_quantile(0.99, ` + fsyncs + `_bucket - ` + fsyncs + `_bucket offset 1m)`
	mean = `(` + fsyncs + `_sum - ` + fsyncs + `_sum offset 1m) / (` + fsyncs + `_count - ` + fsyncs + `_count offset 1m)`
)

// fsyncReading is what the metrics say of a delay. All in seconds.
type fsyncReading struct {
	delay     float64
	p99, mean float64
}

// runBuckets slows the disks of members down by known times and asks their histograms.
func runBuckets(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	env.Say("members whose fsyncs take up to 0.8 s longer")
	found := make([][]fsyncReading, len(delays))
	edges := make([][]float64, len(delays))
	errs := make([]error, len(delays))
	var work sync.WaitGroup
	for i, ds := range delays {
		work.Go(func() { found[i], edges[i], errs[i] = slowMember(ctx, ds) })
	}
	work.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	curve, err := bucketCurve(ctx, edges[0])
	if err != nil {
		return nil, err
	}
	return bucketsOutcome(slices.Concat(found...), curve)
}

// slowMember writes to a member with one delay after the other and reads its histogram around
// each. It also returns the upper edges of the buckets.
func slowMember(ctx context.Context, ds []time.Duration) (found []fsyncReading, edges []float64, err error) {
	o := cluster.Options{Names: []string{"n1"}, Processes: sim.ProcessOwn}
	err = lessons.WithClient(ctx, o, func(ctx context.Context, c *cluster.Real, cl *clientv3.Client) error {
		m := c.Member(1)
		for _, d := range ds {
			if err := m.SetDisk(sim.DiskState{Slow: sim.Fixed(d)}); err != nil {
				return err
			}
			// What was under way when the disk became slow is not to be measured.
			if err := putSome(ctx, cl, 1); err != nil {
				return err
			}
			r := &monitor.MetricsRecording{Every: time.Minute}
			if err := record(ctx, r, m); err != nil {
				return err
			}
			if err := putSome(ctx, cl, putsPerDelay); err != nil {
				return err
			}
			if err := record(ctx, r, m); err != nil {
				return err
			}
			reading := fsyncReading{delay: d.Seconds()}
			if reading.p99, reading.mean, err = ask(ctx, r); err != nil {
				return err
			}
			found, edges = append(found, reading), edgesOf(r)
		}
		return nil
	})
	return found, edges, err
}

// record adds a scrape of the member.
func record(ctx context.Context, r *monitor.MetricsRecording, m *cluster.Member) error {
	text, err := read(ctx, m)
	if err != nil {
		return err
	}
	return r.Add(map[string][]byte{m.Name: text}, func(metric string) bool { return strings.HasPrefix(metric, fsyncs) })
}

// ask asks what came between the two moments of a recording.
func ask(ctx context.Context, r *monitor.MetricsRecording) (q, avg float64, err error) {
	p := monitor.NewPlayer(r, 1)
	one := func(expr string) float64 {
		v, failed := p.Ask(ctx, expr, 1)
		if failed != nil || len(v) != 1 {
			err = fmt.Errorf("%s has %d values: %w", expr, len(v), failed)
			return 0
		}
		return v[0].F
	}
	q, avg = one(p99), one(mean)
	return q, avg, err
}

// edgesOf are the upper edges of a histogram's buckets, but the infinite one.
func edgesOf(r *monitor.MetricsRecording) (edges []float64) {
	for _, s := range r.Series {
		le, err := strconv.ParseFloat(s.Labels.Get("le"), 64)
		if err == nil && !math.IsInf(le, 0) {
			edges = append(edges, le)
		}
	}
	slices.Sort(edges)
	return edges
}

// step is what the quantile reads for all true times in one bucket, in seconds.
type step struct{ above, to, reads float64 }

// bucketCurve asks Prometheus what it makes of a histogram of which every observation is in the
// same bucket, for each bucket.
func bucketCurve(ctx context.Context, edges []float64) (steps []step, err error) {
	above := 0.0
	for _, to := range edges {
		r := &monitor.MetricsRecording{Every: time.Minute}
		for _, le := range append(slices.Clone(edges), math.Inf(1)) {
			count := 0.0
			if le >= to {
				count = 100
			}
			text := strconv.FormatFloat(le, 'g', -1, 64)
			r.Series = append(r.Series, &monitor.Recorded{Labels: labels.FromStrings("__name__", fsyncs+"_bucket", "le", text),
				Values: []float64{0, count}})
		}
		v, err := monitor.NewPlayer(r, 1).Ask(ctx, p99, 1)
		if err != nil || len(v) != 1 {
			return nil, fmt.Errorf("bucket up to %v: %d values: %w", to, len(v), err)
		}
		steps = append(steps, step{above, to, v[0].F})
		above = to
	}
	return steps, nil
}

// firesFrom is the true time above which the quantile reads more than a threshold.
func firesFrom(curve []step, threshold float64) float64 {
	for _, s := range curve {
		if s.reads > threshold {
			return s.above
		}
	}
	return math.Inf(1)
}

// millis is a time in seconds as facts have it.
func millis(seconds float64) float64 { return math.Round(seconds*1e6) / 1e3 }

func bucketsOutcome(found []fsyncReading, curve []step) (*lessons.Observations, error) {
	o := &lessons.Observations{}
	slices.SortFunc(found, func(a, b fsyncReading) int { return int(millis(a.delay) - millis(b.delay)) })
	t := lessons.Table{Name: "readings", Title: "What the histogram says about a known delay",
		Head: []string{"added to each fsync", "mean, from sum and count", "p99, from buckets"}}
	for _, r := range found {
		d := sim.Millis.FormatValue(millis(r.delay))
		o.Measure("mean."+d, millis(r.mean), sim.Millis, "the mean fsync with "+d+
			" added, from the histogram's sum and count")
		o.Measure("p99."+d, millis(r.p99), sim.Millis, "histogram_quantile(0.99) with "+d+" added")
		t.Rows = append(t.Rows, []string{d, sim.Millis.FormatValue(millis(r.mean)), sim.Millis.FormatValue(millis(r.p99))})
	}
	o.Tables = append(o.Tables, t)
	for _, x := range []struct {
		fact string
		from float64
	}{{"warning.from", 0.5}, {"critical.from", 1}} {
		o.Facts = append(o.Facts, lessons.Fact{
			Name: x.fact, Value: millis(firesFrom(curve, x.from)), Unit: sim.Millis, Exact: true,
			About: fmt.Sprintf("the true time above which the rule > %v fires, if all fsyncs take the same time", x.from),
		})
	}
	last := found[len(found)-1]
	o.Tell("reads", fmt.Sprintf("about %.0f s", last.p99), "roughly what p99 reads for a true 0.8 s")
	return o, o.Draw(bucketsChart(found, curve))
}
