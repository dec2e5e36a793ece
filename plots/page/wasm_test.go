package page_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	quorumpage "quorumlab/plots/page"
	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/raftsim"
	"quorumlab/sim/run"
)

// needEngine skips a test where the simulator for browsers is not built in.
func needEngine(t testing.TB) {
	t.Helper()
	if quorumpage.HasEngine() {
		return
	}
	const missing = "the simulator for browsers is not built in: make wasm builds it"
	if os.Getenv("QUORUMLAB_REQUIRE_WASM") != "" {
		t.Fatal(missing)
	}
	t.Skip(missing)
}

// elsewhere serves the files of a site as any web server does, below a path, and returns that of the site.
func elsewhere(t testing.TB, files []quorumpage.SiteFile) (root string) {
	t.Helper()
	byPath := map[string]quorumpage.SiteFile{}
	for _, f := range files {
		byPath["/some/where/"+f.Path] = f
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		at := r.URL.Path
		if strings.HasSuffix(at, "/") {
			at += "index.html"
		}
		f, ok := byPath[at]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if path.Ext(at) != ".qlr" { // which no web server knows
			w.Header().Set("Content-Type", f.Type)
		}
		_, _ = w.Write(f.Body)
	}))
	t.Cleanup(srv.Close)
	return srv.URL + "/some/where/"
}

// playSite are the files of a site that is played with in the browser.
func playSite(t testing.TB) []quorumpage.SiteFile {
	t.Helper()
	needEngine(t)
	files, err := (&quorumpage.Site{Version: "v"}).Files()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// scrub moves the slider.
func (x *tab) scrub(ns float64) {
	x.t.Helper()
	get[any](x, fmt.Sprintf(`(() => { const s = document.querySelector(".slider"); s.value = %v;
		s.dispatchEvent(new Event("input", {bubbles: true})); })()`, ns))
	x.until(fmt.Sprintf(`Math.abs(%s - %v) <= 1000`, now, ns))
}

// idle is when no run is under way.
const idle = `document.querySelector("[data-act=fork]") !== null && document.querySelector("[data-act=stop]") === null`

// say types a statement and has it carried out.
func (x *tab) say(line string) {
	x.t.Helper()
	x.until(idle)
	get[any](x, fmt.Sprintf(`(() => { const i = document.querySelector(".prompt input"); i.value = %q;
		i.dispatchEvent(new Event("input", {bubbles: true})); })()`, line))
	x.click(`.prompt [type=submit]`)
}

// runs has the scenario as text run.
func (x *tab) runs(scenario string) {
	x.t.Helper()
	x.until(idle)
	get[any](x, fmt.Sprintf(`(() => { const i = document.querySelector(".edit textarea"); i.closest("details").open = true;
		i.value = %q; i.dispatchEvent(new Event("input", {bubbles: true})); })()`, scenario))
	x.until(`document.querySelector(".edit button").disabled === false`)
	x.click(`.edit button`)
}

// saved is what a button would save as a file.
func (x *tab) saved(button string) string {
	x.t.Helper()
	get[any](x, `(() => { window.saved = null; URL.createObjectURL = (b) => { b.text().then((t) => window.saved = t);
		return "data:,"; }; })()`)
	x.click(button)
	x.until(`window.saved !== null`)
	return get[string](x, `window.saved`)
}

// A site of files alone, on any web server, is played with: the leader is crashed, the past is changed, and what is
// saved is what quorumlab run gives, byte for byte.
func TestPlayInTheBrowser(t *testing.T) {
	files := playSite(t)
	x := open(t)
	root := elsewhere(t, files)
	x.visit(root + "play/")
	x.scrub(10e9)
	leader := get[string](x, `document.querySelector('[data-standing=leader]').dataset.member`)
	x.say("crash leader for 20s")
	x.until(`document.querySelector("[data-member=` + leader + `]").dataset.standing === "down"`)
	x.until(idle)
	x.click(`[data-jump=election]`)
	x.click(`[data-jump=election]`)
	x.until(`document.querySelector('[data-standing=leader]') !== null`)
	x.scrub(8e9)
	x.say("isolate a-follower for 6s") // before the crash: another future
	x.until(`document.querySelectorAll(".tabs [aria-pressed]").length === 2 && ` + idle)
	x.say("nonsense")
	x.until(`document.querySelector("[role=alert]").textContent.includes("nonsense")`)

	if j := x.sameFromTheCommandLine(); len(j.Trace.Scenario.Steps) != 1 || len(j.Trace.Events) < 1000 {
		t.Errorf("the scenario is %+v", j.Trace.Scenario)
	}
	x.quiet(root)
}

// sameFromTheCommandLine runs the scenario that the page saves, and holds the trace against the one that it saves.
func (x *tab) sameFromTheCommandLine() *run.Judged {
	x.t.Helper()
	x.until(idle)
	s, err := scenarios.Parse("scenario", []byte(x.saved(`[data-act=save]`)))
	if err != nil {
		x.t.Fatal(err)
	}
	j, err := run.Do(x.t.Context(), s, raftsim.Engine{}, run.Options{Version: "v"})
	if err != nil {
		x.t.Fatal(err)
	}
	var want bytes.Buffer
	if err := j.Trace.Write(&want); err != nil {
		x.t.Fatal(err)
	}
	if x.saved(`[data-act=trace]`) != want.String() {
		x.t.Error("the trace is not that of quorumlab run")
	}
	return j
}

// Messages on their way are lost, held back and doubled by a click, and the cluster's settings have fields: all of it
// stands in the scenario that is saved.
func TestMessagesAndSettingsInTheBrowser(t *testing.T) {
	files := playSite(t)
	x := open(t)
	root := elsewhere(t, files)
	x.visit(root + "play/")
	x.scrub(6e9)
	const flying = `document.querySelector(".stage .message:not(.arrived):not(.lost)")`
	for i, verb := range []string{"drop-message", "delay-message", "duplicate-message"} {
		x.until(idle)
		for n := 0; !get[bool](x, flying+` !== null`) || n == 0; n++ {
			if n > 100 {
				t.Fatal("no message is on its way")
			}
			was := get[float64](x, placed)
			x.do(chromedp.KeyEvent(kb.ArrowRight))
			x.until(fmt.Sprintf("%s === %v", placed, was+1))
		}
		get[any](x, flying+`.dispatchEvent(new MouseEvent("click", {bubbles: true}))`)
		x.click(`[data-say=` + verb + `]`)
		x.until(fmt.Sprintf(`document.querySelectorAll(".steps li").length === %d`, i+1))
		x.until(`document.querySelector(".steps").textContent.includes("` + verb + ` ")`)
	}
	get[any](x, `document.querySelector("details.set").open = true`)
	for setting, value := range map[string]string{"cluster.members": "3", "cluster.pre-vote": "false",
		"cluster.network.latency": "4ms"} {
		get[any](x, fmt.Sprintf(`(() => { const i = document.querySelector('[data-set="%s"]'); i.value = %q;
			i.dispatchEvent(new Event(i.tagName === "SELECT" ? "change" : "input", {bubbles: true})); })()`, setting, value))
		x.until(fmt.Sprintf(`document.querySelector('[data-set="%s"]').value === %q`, setting, value))
	}
	x.click(`[data-act=set]`)
	x.until(`document.querySelectorAll("[data-member]").length === 3`)
	j := x.sameFromTheCommandLine()
	if s := j.Trace.Scenario; len(s.Steps) != 3 || s.Cluster.PreVote || s.Cluster.Network.Latency.String() != "4ms" {
		t.Errorf("the scenario is %+v", s)
	}
	x.click(`[data-act=undo]`) // back to five, of whom the messages were
	x.until(`document.querySelectorAll("[data-member]").length === 5`)
	for _, o := range check.Steps(x.sameFromTheCommandLine().Trace) {
		if o.Outcome != sim.StepDone {
			t.Errorf("a step was %s: %s", o.Outcome, o.Why)
		}
	}
	x.quiet(root)
}

// A run whose events are too many for a small buffer is played, too: in a browser there are no files to keep them in.
func TestALargeRunInTheBrowser(t *testing.T) {
	files := playSite(t)
	x := open(t)
	root := elsewhere(t, files)
	x.visit(root + "play/")
	x.runs("name: large\ncluster: {members: 5}\nworkload: {clients: 16, rate: 100/s}\nrun: 60s\n")
	x.until(`document.querySelector(".edit .hint").textContent.includes("large.yaml") && ` + idle)
	if j := x.sameFromTheCommandLine(); len(j.Trace.Events) < 200_000 {
		t.Errorf("the run has %d events", len(j.Trace.Events))
	}
	x.quiet(root)
}

// The list of a site leads to each challenge, which the same checks judge.
func TestSolveAChallengeInTheBrowser(t *testing.T) {
	files := playSite(t)
	x := open(t)
	root := elsewhere(t, files)
	x.do(chromedp.Navigate(root))
	x.visit(get[string](x, `document.querySelector('a[href="play/#challenge=two-leaders"]').href`))
	x.until(`document.querySelector("[data-act=challenge]").value === "two-leaders"`)
	x.scrub(5e9)
	x.say("pause leader for 4s")
	x.until(`document.querySelector(".challenge.solved").textContent.includes("Solved.")`)
	x.quiet(root)
}

// A scenario that has too much to do is given up and explained, one that takes too long can be stopped, and neither
// hangs the page.
func TestHostileScenarioInTheBrowser(t *testing.T) {
	files := playSite(t)
	x := open(t)
	root := elsewhere(t, files)
	x.visit(root + "play/")
	const flood = "name: flood\ncluster: {members: 5}\nworkload: {clients: 64, rate: 20000/s}\nrun: 10m\n"
	x.runs(flood)
	x.click(`[data-act=stop]`)
	x.until(`document.querySelector("[role=alert]").textContent.includes("The run was stopped")`)
	x.scrub(9e9)
	x.runs(flood)
	x.until(`document.querySelector("[role=alert]")?.textContent.includes("more events than can be played")`)
	x.runs("name: [")
	x.until(`document.querySelector("[role=alert]")?.textContent.includes("scenario:1")`)
	x.say("crash n1") // and the cluster of before is still there
	x.until(`document.querySelectorAll(".steps li").length === 1`)
	x.quiet(root)
}

// Behind the program's own server the simulator runs in the browser too, under its policy; where the browser can't
// load it, the server runs what is asked for.
func TestPlayBehindTheServer(t *testing.T) {
	needEngine(t)
	for _, blocked := range []bool{false, true} {
		t.Run(fmt.Sprintf("blocked=%v", blocked), func(t *testing.T) {
			x := open(t)
			p := quorumpage.NewPlay("v")
			files, err := (&quorumpage.Site{Token: p.Token, Version: "v"}).Files()
			if err != nil {
				t.Fatal(err)
			}
			asked := make(chan struct{}, 100)
			h := quorumpage.Handler(files, p)
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost {
					asked <- struct{}{}
				}
				if blocked && strings.HasSuffix(r.URL.Path, ".gz") {
					http.NotFound(w, r)
					return
				}
				h.ServeHTTP(w, r)
			}))
			t.Cleanup(srv.Close)
			x.visit(srv.URL + "/play/")
			x.scrub(9e9)
			x.say("crash leader")
			x.until(`document.querySelectorAll(".steps li").length === 1`)
			if (len(asked) > 0) != blocked {
				t.Errorf("the server was asked %d times", len(asked))
			}
			if !blocked {
				x.quiet(srv.URL + "/")
			}
		})
	}
}

// Only the worker may compile WebAssembly, and nobody may do more.
func TestPolicyOfTheWorker(t *testing.T) {
	files := playSite(t)
	h := quorumpage.Handler(files, nil)
	for _, f := range files {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "http://localhost:1/"+f.Path, nil))
		policy := w.Header().Get("Content-Security-Policy")
		if may := strings.Contains(policy, "'wasm-unsafe-eval'"); w.Code != 200 || may != (f.Path == "engine/worker.js") ||
			strings.Contains(policy, "unsafe-inline") || strings.Contains(policy, "'unsafe-eval'") {
			t.Errorf("%s: code %d, policy %s", f.Path, w.Code, policy)
		}
	}
}

// What is built in is what the sources give: built again, elsewhere, it has the same bytes.
func TestTheEngineIsBuiltFromTheseSources(t *testing.T) {
	needEngine(t)
	if testing.Short() {
		t.Skip("what is built does not depend on the race detector")
	}
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "go", "run", "./internal/webengine", "-out", dir)
	cmd.Dir = "../.."
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, name := range []string{"sim.wasm.gz", "wasm_exec.js"} {
		got, err := os.ReadFile(filepath.Join("wasm", name))
		if err != nil {
			t.Fatal(err)
		}
		if want, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("wasm/%s is not what the sources give; make wasm builds it again (%v)", name, err)
		}
	}
}
