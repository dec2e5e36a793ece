package page_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"

	quorumpage "quorumlab/plots/page"
	"quorumlab/scenarios"
	"quorumlab/sim/raftsim"
	"quorumlab/sim/run"
)

// BenchmarkScrub measures what a visitor feels with a minute of five members under load, and with a hundred and one
// members: the first paint, how long the run takes to open, and how long a picture takes while one scrubs to random
// moments, with its layout and paint, by the clock and in time of a processor.
func BenchmarkScrub(b *testing.B) {
	for _, bb := range []struct{ name, scenario string }{
		{"members=5", "name: x\ncluster: {members: 5}\nworkload: {clients: 32, rate: 350/s}\nrun: 60s\n" +
			"steps: [{at: 15s, do: crash leader, for: 8s}, {at: 32s, do: isolate leader, for: 6s}]\n"},
		{"members=101", "name: x\ncluster: {members: 101}\nworkload: {clients: 8, rate: 5/s}\nrun: 12s\n" +
			"steps: [{at: 5s, do: crash leader}]\n"},
	} {
		b.Run(bb.name, func(b *testing.B) {
			s, err := scenarios.Parse("x.yaml", []byte(bb.scenario))
			if err != nil {
				b.Fatal(err)
			}
			j, err := run.Do(b.Context(), s, raftsim.Engine{}, run.Options{})
			if err != nil {
				b.Fatal(err)
			}
			x := open(b)
			_, url := served(b, j.Trace, j.Result)
			x.visit(url)
			paint := get[float64](x, `performance.getEntriesByName("first-contentful-paint")[0].startTime`)
			opened := get[float64](x, `performance.now()`)
			const scrub = `(async () => {
				const s = document.querySelector(".slider"), took = [];
				let x = 1;
				for (let i = 0; i < 120; i++) {
					x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
					const before = performance.now();
					s.value = s.max * x / 2 ** 32;
					s.dispatchEvent(new Event("input", {bubbles: true}));
					await new Promise(requestAnimationFrame);
					await new Promise((f) => { const c = new MessageChannel(); c.port1.onmessage = f; c.port2.postMessage(0); });
					took.push(performance.now() - before);
				}
				took.sort((a, b) => a - b);
				return [took[60], took[113]];
			})()`
			x.do(func(ctx context.Context, to *chromedp.Target) (chromedp.Void, error) {
				_, err := cdp.Call(ctx, to, performance.Enable,
					performance.EnableParams{TimeDomain: performance.EnableTimeDomainThreadTicks})
				return chromedp.Void{}, err
			})
			var t []float64
			before, rounds := threadTime(x), 0.0
			for b.Loop() {
				t = get[[]float64](x, scrub)
				rounds++
			}
			b.ReportMetric(1000*(threadTime(x)-before)/rounds/120, "cpu-ms/frame")
			b.ReportMetric(t[0], "ms/frame-p50")
			b.ReportMetric(t[1], "ms/frame-p95")
			b.ReportMetric(float64(len(j.Trace.Events)), "events")
			b.ReportMetric(paint, "ms/paint")
			b.ReportMetric(opened, "ms/open")
		})
	}
}

// threadTime is how long the page's main thread has worked, in seconds of a processor: script, layout and paint.
func threadTime(x *tab) float64 {
	x.t.Helper()
	m, err := chromedp.Run(x, func(ctx context.Context, to *chromedp.Target) (performance.GetMetricsResult, error) {
		return cdp.Call(ctx, to, performance.GetMetrics, cdp.Empty{})
	})
	if err != nil {
		x.t.Fatal(err)
	}
	for _, v := range m.Metrics {
		if v.Name == "TaskDuration" {
			return v.Value
		}
	}
	x.t.Fatal("the browser does not tell")
	return 0
}

// BenchmarkWeight reports what a page weighs without its run, compressed.
func BenchmarkWeight(b *testing.B) {
	var out bytes.Buffer
	for b.Loop() {
		out.Reset()
		z := gzip.NewWriter(&out)
		if _, err := z.Write([]byte(quorumpage.Script() + quorumpage.Style())); err != nil {
			b.Fatal(err)
		}
		if err := z.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(out.Len()), "B/page")
}
