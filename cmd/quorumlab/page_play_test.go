package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"quorumlab/plots/page"
)

// What is played in the browser and saved is run by the command line to the same trace, byte for byte.
func TestWhatIsPlayedRunsFromTheCommandLine(t *testing.T) {
	if testing.Short() {
		t.Skip("what runs in the browser does not depend on the race detector")
	}
	browser, err := exec.LookPath("chromium")
	if err != nil && os.Getenv("QUORUMLAB_REQUIRE_CHROMIUM") == "" {
		t.Skip("there is no Chromium: ", err)
	}
	if !page.HasEngine() && os.Getenv("QUORUMLAB_REQUIRE_WASM") == "" {
		t.Skip("the simulator for browsers is not built in: make wasm builds it")
	}
	ctx, interrupt := context.WithCancel(context.Background())
	defer interrupt()
	in, out := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- execute(ctx, []string{"page"}, streams{out: out, err: out})
		out.Close()
	}()
	lines := bufio.NewScanner(in)
	if !lines.Scan() {
		t.Fatal("no address")
	}
	address := lines.Text()
	go func() { _, _ = io.Copy(io.Discard, in) }()

	scenario, trace := played(t, browser, address)
	interrupt()
	if code := <-ended; code != exitGood {
		t.Errorf("exit code %d", code)
	}

	dir := t.TempDir()
	file := filepath.Join(dir, "play.yaml")
	if err := os.WriteFile(file, []byte(scenario), 0o666); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	if code := execute(context.Background(), []string{"run", file, "--engine", "sim", "--out", dir},
		streams{out: &said, err: &said}); code != exitGood {
		t.Fatalf("exit code %d\n%s", code, &said)
	}
	want, err := os.ReadFile(filepath.Join(dir, "play-sim-seed1", "trace.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if trace != string(want) {
		t.Errorf("the browser's trace of %d bytes is not that of the command line, of %d bytes", len(trace), len(want))
	}
}

// played crashes the leader in the browser, parts the cluster, and returns the scenario and the trace that it saves.
func played(t *testing.T, browser, address string) (scenario, trace string) {
	t.Helper()
	profile, err := os.MkdirTemp("", "quorumlab-chromium-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(profile) }) // the browser's last processes may still write there
	ctx, stop := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(browser), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(profile))...)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	until := func(js string) {
		js = "(() => { try { return Boolean(" + js + "); } catch { return false; } })()"
		if _, err := chromedp.Run(ctx, chromedp.Poll[bool](js, chromedp.WithPollingTimeout(0))); err != nil {
			t.Fatalf("%s: %v", js, err)
		}
	}
	do := func(js string) {
		if _, err := chromedp.Run(ctx, chromedp.Evaluate[any]("(() => {"+js+"})()")); err != nil {
			t.Fatalf("%s: %v", js, err)
		}
	}
	if err := chromedp.Do(ctx, chromedp.Navigate(address)); err != nil {
		t.Fatal(err)
	}
	for i, line := range []string{"crash leader for 10s", "partition n1 n2 | rest for 5s"} {
		until(`document.querySelector(".player").dataset.ready === "yes"`)
		do(fmt.Sprintf(`const s = document.querySelector(".slider"); s.value = %d; `+
			`s.dispatchEvent(new Event("input", {bubbles: true}));`, (i+1)*12_345_678_901))
		do(fmt.Sprintf(`const i = document.querySelector(".prompt input"); i.value = %q; `+
			`i.dispatchEvent(new Event("input", {bubbles: true}));`, line))
		until(fmt.Sprintf(`document.querySelector(".prompt input").value === %q`, line))
		do(`document.querySelector(".prompt [type=submit]").click();`)
		until(fmt.Sprintf(`document.querySelectorAll(".steps li").length === %d`, i+1))
		until(`document.querySelector("[data-act=stop]") === null`)
	}
	do(`window.saved = []; URL.createObjectURL = (b) => { b.text().then((t) => window.saved.push(t)); return "data:,"; };`)
	for i, button := range []string{"save", "trace"} {
		do(`document.querySelector("[data-act=` + button + `]").click();`)
		until(fmt.Sprintf(`window.saved.length === %d`, i+1))
	}
	saved, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](`window.saved`))
	if err != nil {
		t.Fatal(err)
	}
	return saved[0], saved[1]
}
