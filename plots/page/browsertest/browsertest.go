// Package browsertest drives a headless Chromium in tests, and holds what no page of ours may do: complain, or fetch
// something from elsewhere.
package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// chromium is the browser's program. Without one the test is skipped, or fails if QUORUMLAB_REQUIRE_CHROMIUM is set.
func chromium(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const missing = "there is no Chromium: Debian's package chromium has it"
	if os.Getenv("QUORUMLAB_REQUIRE_CHROMIUM") != "" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}

// Tab is a page in a browser, and what it complained about.
type Tab struct {
	context.Context
	t        testing.TB
	mu       sync.Mutex
	wrong    []string // errors, messages of the console, dialogs
	requests []string
}

// Open starts a browser of its own with an empty profile, and ends it with the test. It waits as long as the test may
// last.
func Open(t testing.TB) *Tab {
	t.Helper()
	if testing.Short() {
		t.Skip("what runs in the browser does not depend on the race detector")
	}
	profile, err := os.MkdirTemp("", "quorumlab-chromium-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(profile) }) // the browser's last processes may still write there
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium(t)), chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.UserDataDir(profile), chromedp.WindowSize(1280, 720),
		chromedp.WSURLReadTimeout(10*time.Minute), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true))
	ctx, stop := chromedp.NewExecAllocator(t.Context(), opts...)
	t.Cleanup(stop)
	x := &Tab{t: t}
	x.Context, stop = chromedp.NewContext(ctx, chromedp.WithListener(x.listen))
	t.Cleanup(stop)
	x.Do(func(ctx context.Context, to *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, to, network.Enable, network.EnableParams{})
		return chromedp.Void{}, err
	})
	return x
}

func (x *Tab) listen(event any) {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		x.wrong = append(x.wrong, fmt.Sprintf("%s %s", e.ExceptionDetails.Text, described(e.ExceptionDetails.Exception)))
	case *runtime.EventConsoleAPICalled:
		for _, a := range e.Args {
			x.wrong = append(x.wrong, "console: "+described(a))
		}
	case *page.EventJavascriptDialogOpening:
		x.wrong = append(x.wrong, "dialog: "+e.Message)
	case *network.EventRequestWillBeSent:
		x.requests = append(x.requests, e.Request.URL)
	}
}

// described is a value of JavaScript for people.
func described(o *runtime.RemoteObject) string {
	if o == nil {
		return ""
	}
	return fmt.Sprint(o.Description, " ", string(o.Value))
}

// Do carries steps out, one after the other.
func (x *Tab) Do(steps ...chromedp.Action[chromedp.Void]) {
	x.t.Helper()
	if err := chromedp.Do(x, steps...); err != nil {
		x.t.Fatal(err)
	}
}

// Until waits until an expression of JavaScript is true. What is not there yet is not true.
func (x *Tab) Until(js string) {
	x.t.Helper()
	js = "(() => { try { return Boolean(" + js + "); } catch { return false; } })()"
	if _, err := chromedp.Run(x, chromedp.Poll[bool](js, chromedp.WithPollingTimeout(0))); err != nil {
		x.t.Fatalf("%s: %v", js, err)
	}
}

// Visit goes to an address and waits until an expression is true there.
func (x *Tab) Visit(url, until string) {
	x.t.Helper()
	x.Do(chromedp.Navigate(url))
	x.Until(until)
}

// Click clicks on the first element of a selector.
func (x *Tab) Click(css string) {
	x.t.Helper()
	x.Do(chromedp.Click(css))
}

// Fill types a text into a field in place of what is in it.
func (x *Tab) Fill(css, text string) {
	x.t.Helper()
	quoted, err := json.Marshal(text)
	if err != nil {
		x.t.Fatal(err)
	}
	Get[any](x, fmt.Sprintf(`(() => { const i = document.querySelector(%q); i.value = %s;
		i.dispatchEvent(new Event("input", {bubbles: true})); })()`, css, quoted))
}

// Scheme has the page in light or dark, as wide as that.
func (x *Tab) Scheme(scheme string, width int64) {
	x.t.Helper()
	x.Do(func(ctx context.Context, to *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, to, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		return chromedp.Void{}, err
	}, chromedp.EmulateViewport(width, 720))
}

// Accessible holds the rules of WCAG 2.2 AA that axe-core can check. Axe is its script.
func (x *Tab) Accessible(axe, what string) {
	x.t.Helper()
	Get[any](x, axe+";0")
	found := Get[string](x, `axe.run({runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}).then(r =>
		JSON.stringify(r.violations.map(v => [v.id, v.help, v.nodes.slice(0, 3).map(n => n.html.slice(0, 200))])))`)
	var violations []json.RawMessage
	if err := json.Unmarshal([]byte(found), &violations); err != nil || len(violations) > 0 {
		x.t.Errorf("%s: %v %s", what, err, found)
	}
}

// Get is the value of an expression of JavaScript, or of what it promises.
func Get[T any](x *Tab, js string) T {
	x.t.Helper()
	v, err := chromedp.Run(x, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
	if err != nil {
		x.t.Fatalf("%.200s: %v", js, err)
	}
	return v
}

// Quiet holds that nothing went wrong, and that nothing was fetched from elsewhere.
func (x *Tab) Quiet(from string) {
	x.t.Helper()
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, w := range x.wrong {
		x.t.Errorf("the page said: %s", w)
	}
	for _, r := range x.requests {
		if !strings.HasPrefix(r, from) && !strings.HasPrefix(r, "data:,") {
			x.t.Errorf("the page asked for %s", r)
		}
	}
}
