package page_test

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"
)

// The page to play on weighs less than four megabytes as it is sent, and what is there at once less than 400 kB.
func TestWeight(t *testing.T) {
	all, at := 0, 0
	for _, f := range playSite(t) {
		n := len(f.Body)
		if !strings.HasSuffix(f.Path, ".gz") {
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			if _, err := z.Write(f.Body); err != nil {
				t.Fatal(err)
			}
			if err := z.Close(); err != nil {
				t.Fatal(err)
			}
			n = b.Len()
		}
		all += n
		if !strings.HasPrefix(f.Path, "engine/") {
			at += n
		}
	}
	t.Logf("%d bytes, %d of them without the simulator", all, at)
	if all > 4_000_000 || at > 400_000 {
		t.Errorf("the page weighs %d bytes, %d of them without the simulator", all, at)
	}
}

// BenchmarkPlay measures what a visitor waits for who plays in the browser with a minute of five members under 100
// operations a second: the first statement, and one more with the simulator warm, from the click to the state on the
// stage; and how many times faster than real time the warm simulator is, with the run judged, packed and unpacked.
func BenchmarkPlay(b *testing.B) {
	x := open(b)
	root := elsewhere(b, playSite(b))
	x.visit(root + "play/")
	loaded := get[float64](x, `performance.now()`)
	paint := get[float64](x, `performance.getEntriesByName("first-contentful-paint")[0].startTime`)
	x.runs("name: x\ncluster: {members: 5}\nworkload: {clients: 16, rate: 100/s}\nrun: 60s\n")
	x.until(`document.querySelector(".edit .hint").textContent.includes("Saved as x.yaml") && ` + idle)
	const again = `(async () => {
		document.querySelector(".slider").value = 20e9;
		document.querySelector(".slider").dispatchEvent(new Event("input", {bubbles: true}));
		const before = performance.now();
		const i = document.querySelector(".prompt input");
		i.value = "crash n1";
		i.dispatchEvent(new Event("input", {bubbles: true}));
		await new Promise((f) => setTimeout(f));
		document.querySelector(".prompt [type=submit]").click();
		while (document.querySelector("[data-act=stop]") || document.querySelectorAll(".steps li").length === 0) {
			await new Promise(requestAnimationFrame);
		}
		const took = performance.now() - before;
		document.querySelector("[data-act=undo]").click();
		return took;
	})()`
	const worker = `(async () => {
		const request = {scenario: document.querySelector(".edit textarea").value, at: 0, do: "", challenge: ""};
		const w = new Worker("../engine/worker.js"), times = [];
		await new Promise((f) => {
			w.onmessage = (e) => {
				if (e.data.what === "progress") return;
				if (e.data.what !== "ready" && !e.data.played?.run) throw new Error("no run");
				if (e.data.what !== "ready") times.push(performance.now() - w.began);
				if (times.length === 12) return f();
				w.began = performance.now();
				w.postMessage({what: "play", request, version: "v"});
			};
			w.postMessage({what: "start", module: null});
		});
		w.terminate();
		if (!request.scenario.includes("100/s")) throw new Error("another scenario");
		return [times[0], ...times.slice(4).sort((a, b) => a - b)];
	})()`
	first := get[float64](x, again)
	var click []float64
	var t []float64
	for b.Loop() {
		click = append(click, get[float64](x, again))
		t = get[[]float64](x, worker)
	}
	b.ReportMetric(paint, "ms/paint")
	b.ReportMetric(loaded, "ms/loaded")
	b.ReportMetric(first, "ms/first")
	b.ReportMetric(click[len(click)-1], "ms/click")
	b.ReportMetric(t[0], "ms/cold")
	b.ReportMetric(t[1+(len(t)-1)/2], "ms/warm-p50")
	b.ReportMetric(t[1], "ms/warm-best")
	b.ReportMetric(60_000/t[1], "x-real-time")
}
