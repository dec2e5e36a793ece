package page_test

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	quorumpage "quorumlab/plots/page"
	"quorumlab/plots/page/browsertest"
	"quorumlab/plots/plottest"
	"quorumlab/plots/report"
	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/raftsim"
	"quorumlab/sim/run"
)

// tab is a page with a player in a browser.
type tab struct {
	*browsertest.Tab
	t testing.TB
}

func open(t testing.TB) *tab { return &tab{browsertest.Open(t), t} }

func (x *tab) do(steps ...chromedp.Action[chromedp.Void]) { x.Do(steps...) }

func (x *tab) until(js string) { x.Until(js) }

func (x *tab) visit(url string) {
	x.Visit(url, `document.querySelector(".player")?.dataset.ready === "yes"`)
}

func (x *tab) click(css string) { x.Click(css) }

func get[T any](x *tab, js string) T { return browsertest.Get[T](x.Tab, js) }

func (x *tab) quiet(from string) { x.Quiet(from) }

// placed is how many events have happened.
const placed = `Number(document.querySelector(".player").dataset.place)`

const now = `Number(document.querySelector(".player").dataset.t)`

// ran is a run of a scenario on sim.
func ran(t *testing.T, name string) *run.Judged {
	t.Helper()
	s, err := scenarios.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	j, err := run.Do(t.Context(), s, raftsim.Engine{}, run.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// served is the address of a run's page.
func served(t testing.TB, tr *sim.Trace, r *check.Result) (root, address string) {
	t.Helper()
	var s quorumpage.Site
	path, err := s.Add(tr, r)
	if err != nil {
		t.Fatal(err)
	}
	files, err := s.Files()
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(quorumpage.Handler(files, nil))
	t.Cleanup(srv.Close)
	return srv.URL + "/", srv.URL + "/" + path
}

// A visitor opens a run, jumps to the election after the crash, steps back, scrubs, selects, and follows links.
func TestReplay(t *testing.T) {
	x := open(t)
	j := ran(t, "leader-crash")
	root, url := served(t, j.Trace, j.Result)
	x.visit(url)
	if n := get[float64](x, `document.querySelectorAll("[data-member]").length`); n != 3 {
		t.Errorf("%v members on the stage", n)
	}

	// The fault, and the election after it.
	x.click(`[data-jump=fault]`)
	x.until(now + ` === 5e9`)
	x.until(`document.querySelector('[data-standing=down]') !== null`)
	x.until(`document.querySelector(".now").textContent.includes("Nobody leads")`)
	x.click(`[data-jump=election]`) // somebody stands
	x.click(`[data-jump=election]`) // and wins
	x.until(`document.querySelector('[data-standing=leader]') !== null`)
	won := get[float64](x, now)
	if won <= 5e9 || won > 12e9 {
		t.Errorf("the election is at %v ns", won)
	}
	leader := get[string](x, `document.querySelector('[data-standing=leader]').dataset.member`)

	// A few events back nobody leads yet; a link leads to the moment.
	const leads = `document.querySelector('[data-standing=leader]') !== null`
	for back := 0; get[bool](x, leads); back++ {
		if back > 50 {
			t.Fatal("stepping back does not lead to before the election")
		}
		was := get[float64](x, placed)
		x.do(chromedp.KeyEvent(kb.ArrowLeft))
		x.until(fmt.Sprintf("%s === %v", placed, was-1))
	}
	x.click(`[aria-label="one event on"]`)
	x.until(leads)
	x.click(`[aria-label="one event back"]`)
	x.until("!(" + leads + ")")
	get[any](x, `document.querySelector("[data-member=`+leader+`]").dispatchEvent(
		new MouseEvent("click", {bubbles: true}))`)
	x.until(`location.hash.includes("on=` + leader + `")`)
	x.until(`document.querySelector("dl.details").textContent.includes("candidate")`)

	// The slider goes both ways, and the state is that of the moment.
	scrub := func(ns float64) {
		get[any](x, fmt.Sprintf(`(() => { const s = document.querySelector(".slider"); s.value = %v;
			s.dispatchEvent(new Event("input", {bubbles: true})); })()`, ns))
		x.until(fmt.Sprintf(`Math.abs(%s - %v) <= 1000`, now, ns))
	}
	scrub(17e9)
	x.until(`document.querySelectorAll("[data-standing=follower]").length === 2`)
	scrub(1e9)
	x.until(`document.querySelectorAll("[data-standing=follower]").length === 3`)
	scrub(6e9)
	x.until(`document.querySelector('[data-standing=down]') !== null`)

	// The story leads to its moments, and a link opens at its own.
	get[any](x, `document.querySelectorAll(".story li a")[2].click()`)
	x.until(now + ` === 12e9`)
	x.do(chromedp.Navigate("about:blank"))
	x.visit(url + "#t=5.5s&on=n1")
	x.until(now + ` === 5.5e9`)
	x.until(`document.querySelector("dl.details").textContent.includes("n1")`)

	// It plays, and stops at the end.
	get[any](x, `(() => { const s = document.querySelector("select"); s.value = "50";
		s.dispatchEvent(new Event("change", {bubbles: true})); })()`)
	x.click(`.play`)
	x.until(now + ` > 18e9`)
	x.until(`document.querySelector(".play").textContent.includes("Play")`)
	x.quiet(root)
}

// A report is one file, and plays from the disk.
func TestReplayInTheReport(t *testing.T) {
	x := open(t)
	j := ran(t, "leader-crash")
	file := filepath.Join(t.TempDir(), "report.html")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := report.Run(f, report.RunInput{Trace: j.Trace, Result: j.Result}); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	url := "file://" + filepath.ToSlash(file)
	x.visit(url)
	x.until(`!document.querySelector("#watch").hidden`)
	get[any](x, `document.querySelectorAll("#story > ol > li > a.at")[1].click()`)
	x.until(now + ` === 5e9`)
	x.until(`document.querySelector('[data-standing=down]') !== null`)
	x.quiet(url)
}

// A trace whose texts are scripts, and whose numbers no run has, is shown as it is.
func TestHostileRun(t *testing.T) {
	x := open(t)
	const evil = `</template><script>alert(1)</script><img src=x onerror="alert(2)">`
	tr := plottest.Small()
	tr.Scenario.Title, tr.Scenario.About = evil, evil
	tr.Members[0] = evil
	for i := range tr.Events {
		e := &tr.Events[i]
		e.Note, e.Key = evil, evil
		if i%3 == 0 {
			e.Index, e.Term, e.Commit, e.ID = 1<<63, 1<<63, 1<<63, 1<<63
		}
		if i%5 == 0 {
			e.Member, e.Peer = 999, 65535
		}
		if i%7 == 0 {
			e.Msg, e.Role, e.Op, e.Result = 200, 200, 200, 200
		}
	}
	r := &check.Result{Verdicts: []sim.Verdict{{Check: evil, Why: evil, Events: []uint64{1, 2, 1 << 60}}}}
	root, url := served(t, tr, r)
	x.visit(url)
	for i := range 20 {
		get[any](x, fmt.Sprintf(`(() => { const s = document.querySelector(".slider"); s.value = %d / 20 * s.max;
			s.dispatchEvent(new Event("input", {bubbles: true})); })()`, i))
	}
	for _, key := range "eflv" {
		x.do(chromedp.KeyEvent(string(key)))
	}
	if n := get[float64](x, `document.querySelectorAll("img, .player script").length`); n != 0 {
		t.Errorf("the trace made %v elements", n)
	}
	x.quiet(root)
}

// The rules of WCAG 2.2 AA that a program can check hold, in light and in dark, on a projector and on a phone.
func TestAccessible(t *testing.T) {
	axe, err := os.ReadFile("web/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Skip("axe-core is not installed: npm ci in plots/page/web installs it")
	}
	x := open(t)
	j := ran(t, "leader-crash")
	p := quorumpage.NewPlay("v")
	site := quorumpage.Site{Token: p.Token}
	path, err := site.Add(j.Trace, j.Result)
	if err != nil {
		t.Fatal(err)
	}
	files, err := site.Files()
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(quorumpage.Handler(files, p))
	t.Cleanup(srv.Close)
	for i, scheme := range []string{"light", "light", "dark", "dark"} {
		for _, at := range []string{path, quorumpage.PlayPath} {
			width := []int64{1280, 390}[i%2]
			x.Scheme(scheme, width)
			x.visit(srv.URL + "/" + at + "#t=6.43s")
			x.Accessible(string(axe), fmt.Sprintf("%s, %s, %d pixels wide", at, scheme, width))
			x.do(chromedp.Navigate("about:blank"))
		}
	}
}

// A visitor crashes the leader, sees the new one, goes back, forks, parts the cluster in another future, and takes the
// scenario away, which quorumlab run reproduces.
func TestPlay(t *testing.T) {
	x := open(t)
	p := quorumpage.NewPlay("v")
	s := quorumpage.Site{Token: p.Token}
	files, err := s.Files()
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(quorumpage.Handler(files, p))
	t.Cleanup(srv.Close)
	x.visit(srv.URL + "/play/")
	const busy = `document.querySelector("[data-act=fork]") === null || document.querySelector(".tabs .hint") !== null`
	said := func(n int) {
		x.until(fmt.Sprintf(`!(%s) && document.querySelectorAll(".steps li").length === %d`, busy, n))
	}
	to := func(ns float64) {
		get[any](x, fmt.Sprintf(`(() => { const s = document.querySelector(".slider"); s.value = %v;
			s.dispatchEvent(new Event("input", {bubbles: true})); })()`, ns))
		x.until(fmt.Sprintf(`Math.abs(%s - %v) <= 1000`, now, ns))
	}

	// A click on the leader, and on what to do to it.
	to(10e9)
	leader := get[string](x, `document.querySelector('[data-standing=leader]').dataset.member`)
	x.do(chromedp.KeyEvent(kb.Escape))
	get[any](x, `document.querySelector("[data-standing=leader]").focus()`)
	x.do(chromedp.KeyEvent(kb.Enter))
	x.click(`[data-say="crash ` + leader + `"]`)
	said(1)
	x.until(`document.querySelector("[data-member=` + leader + `]").dataset.standing === "down"`)
	x.click(`[data-jump=election]`)
	x.click(`[data-jump=election]`)
	x.until(`document.querySelector('[data-standing=leader]') !== null`)
	if other := get[string](x, `document.querySelector('[data-standing=leader]').dataset.member`); other == leader {
		t.Errorf("%s leads again", other)
	}

	// Back before the crash, and another future: a line across the ring instead.
	to(8e9)
	x.click(`[data-act=fork]`)
	x.until(`document.querySelectorAll(".tabs [aria-pressed]").length === 2`)
	box := get[[]float64](x, `(() => { scrollTo(0, 0);
		const b = document.querySelector(".stage-box").getBoundingClientRect();
		return [b.left, b.top, b.width, b.height]; })()`)
	mouse := func(kind input.DispatchMouseEventType, fx, fy float64) { // at shares of the stage
		x.do(chromedp.MouseEvent(kind, box[0]+fx*box[2], box[1]+fy*box[3],
			func(p *input.DispatchMouseEventParams) { p.Button, p.ClickCount = input.MouseButtonLeft, 1 }))
	}
	mouse(input.DispatchMouseEventTypeMousePressed, 0.02, 0.55)
	mouse(input.DispatchMouseEventTypeMouseMoved, 0.5, 0.6)
	mouse(input.DispatchMouseEventTypeMouseReleased, 0.98, 0.6)
	x.until(`document.querySelector(".steps").textContent.includes("partition")`)
	x.until(`document.querySelector(".beside") !== null && document.querySelectorAll(".cut").length > 0`)

	// A statement is typed; one that is wrong is explained, and changes nothing.
	for _, line := range []string{"crush n1", "load 30/s"} {
		get[any](x, fmt.Sprintf(`(() => { const i = document.querySelector(".prompt input"); i.value = %q;
			i.dispatchEvent(new Event("input", {bubbles: true})); })()`, line))
		x.until(`document.querySelector(".prompt [type=submit]").disabled === false`)
		x.click(`.prompt [type=submit]`)
		if line == "crush n1" {
			x.until(`document.querySelector("[role=alert]").textContent.includes("crush")`)
		}
	}
	x.until(`document.querySelector(".steps").textContent.includes("load 30/s")`)

	// The scenario in the page is a file: run by the command line, it is the run that is shown.
	text := get[string](x, `document.querySelector(".edit textarea").value`)
	scenario, err := scenarios.Parse("play.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	j, err := run.Do(t.Context(), scenario, raftsim.Engine{}, run.Options{Version: "v"})
	if err != nil {
		t.Fatal(err)
	}
	get[any](x, `(() => { const s = document.querySelector(".slider"); s.value = s.max;
		s.dispatchEvent(new Event("input", {bubbles: true})); })()`)
	x.until(fmt.Sprintf("%s === %d", placed, len(j.Trace.Events)))

	// A link brings it to somebody else.
	x.click(`[data-act=share]`)
	x.until(`location.hash.startsWith("#play=")`)
	link := get[string](x, `location.href`)
	x.do(chromedp.Navigate("about:blank"))
	x.visit(link)
	x.until(fmt.Sprintf("%s === %d", placed, len(j.Trace.Events)))
	if again := get[string](x, `document.querySelector(".edit textarea").value`); again != text {
		t.Errorf("the link brings\n%s\nand not\n%s", again, text)
	}

	x.quiet(srv.URL + "/")
}

// A visitor solves a challenge: what is not allowed is refused, and the goal is seen to be reached.
func TestSolveAChallenge(t *testing.T) {
	x := open(t)
	p := quorumpage.NewPlay("v")
	files, err := (&quorumpage.Site{Token: p.Token}).Files()
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(quorumpage.Handler(files, p))
	t.Cleanup(srv.Close)
	x.visit(srv.URL + "/play/")
	get[any](x, `(() => { const s = document.querySelector("[data-act=challenge]"); s.value = "stop-writes";
		s.dispatchEvent(new Event("change", {bubbles: true})); })()`)
	x.until(`document.querySelector("[data-goal=open]") !== null`)
	get[any](x, `(() => { const s = document.querySelector(".slider"); s.value = 5e9;
		s.dispatchEvent(new Event("input", {bubbles: true})); })()`)
	for i, line := range []string{"pause n1", "crash n1", "crash n2"} {
		get[any](x, fmt.Sprintf(`(() => { const i = document.querySelector(".prompt input"); i.value = %q;
			i.dispatchEvent(new Event("input", {bubbles: true})); })()`, line))
		x.until(`document.querySelector(".prompt [type=submit]").disabled === false`)
		x.click(`.prompt [type=submit]`)
		if i == 0 {
			x.until(`document.querySelector("[role=alert]").textContent.includes("does not allow pause")`)
			continue
		}
		x.until(fmt.Sprintf(`document.querySelectorAll(".steps li").length === %d`, i))
	}
	x.until(`document.querySelector("[data-goal=open]") === null`)
	x.until(`document.querySelector(".challenge.solved").textContent.includes("Solved.")`)
	x.quiet(srv.URL + "/")
}
