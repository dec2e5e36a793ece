package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"quorumlab/plots/page/browsertest"
)

const playerReady = `document.querySelector(".player")?.dataset.ready === "yes"`

// A trainer starts a cluster with its page, crashes the leader in the browser, goes back to the moment of the crash
// while the cluster goes on, comes back to live, and ends it.
func TestUpInTheBrowser(t *testing.T) {
	x := browsertest.Open(t)
	home := t.TempDir()
	out, say, ended := lineUp(t, home, "--page", "--rate", "20/s", "--name", "lab")
	url := out.until(t, `In a browser on this machine:\n\n  (http://127\S+)`)
	root, _, _ := strings.Cut(url, "live/")
	say("wait leader")
	x.Visit(url, playerReady)
	if address := browsertest.Get[string](x, `location.href`); strings.Contains(address, "token") {
		t.Errorf("the address shows the token: %s", address)
	}
	const live = `document.querySelector(".standing").dataset.live === "yes"`
	const answered = `document.querySelector(".said li")?.dataset.done === "yes" && ` +
		`document.querySelector(".said li").textContent.includes("`
	tell := func(line string) {
		x.Fill(".console input", line)
		x.Click(".console [type=submit]")
		x.Until(answered + line + `")`)
	}
	x.Until(live)
	x.Until(`document.querySelector("[data-standing=leader]") !== null`)
	x.Until(`document.querySelector(".members summary").textContent.includes("leads")`)
	leader := browsertest.Get[string](x, `document.querySelector("[data-standing=leader]").dataset.member`)

	// Answers and refusals are those of do.
	tell("crush " + leader)
	x.Until(`document.querySelector(".said .wrong").textContent.includes('did you mean "crash"')`)
	x.Fill(".console input", "cras")
	x.Until(`document.querySelector(".fits button")?.textContent === "crash"`)
	tell("crash " + leader)
	x.Until(`document.querySelector(".said li").textContent.includes("` + leader + ` crashed.")`)
	x.Until(`document.querySelector("[data-member=` + leader + `]").dataset.standing === "down"`)
	x.Until(`document.querySelector("[data-standing=leader]") !== null`) // another one
	x.Until(`document.querySelector(".story").textContent.includes("` + leader + ` crashed")`)

	// The story leads back to the crash, and the cluster goes on meanwhile.
	browsertest.Get[any](x, `[...document.querySelectorAll(".story li")]
		.find(l => l.textContent.includes("`+leader+` crashed")).querySelector("a").click()`)
	x.Until(`!(` + live + `) && document.querySelector(".standing").textContent.includes("Replay")`)
	const moment = `Number(document.querySelector(".player").dataset.t)`
	was := browsertest.Get[float64](x, moment)
	tell("restart " + leader) // takes effect now, not at the moment that is shown
	x.Until(`document.querySelector(".story").textContent.includes("` + leader + ` came back")`)
	if is := browsertest.Get[float64](x, moment); is != was {
		t.Errorf("the moment went from %v to %v", was, is)
	}
	x.Click(`[aria-label="one event back"]`)
	x.Click(`[data-act=live]`)
	x.Until(live)
	x.Until(`document.querySelector("[data-member=` + leader + `]").dataset.standing === "follower"`)

	// A click on a member does what a statement does.
	browsertest.Get[any](x, `document.querySelector("[data-member=`+leader+`]").dispatchEvent(
		new MouseEvent("click", {bubbles: true}))`)
	x.Click(`[data-say="pause ` + leader + `"]`)
	x.Until(`document.querySelector("[data-member=` + leader + `]").dataset.standing === "paused"`)
	tell("resume " + leader)

	if axe, err := os.ReadFile("../../plots/page/web/node_modules/axe-core/axe.min.js"); err == nil {
		for i, scheme := range []string{"light", "dark"} {
			x.Scheme(scheme, []int64{1280, 390}[i])
			x.Accessible(string(axe), "live, "+scheme)
		}
	}
	x.Quiet(root)

	// Another page, or another user, gets nothing.
	r, err := http.Post(root+"live/say", "", strings.NewReader(`{"say": "quit"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != http.StatusForbidden {
		t.Errorf("without the token the answer is %s", r.Status)
	}

	// Its user knows the address anywhere. The browser does not keep the sandbox from ending.
	got, err := upProgram(t, home, "do", "--name", "lab", "page").CombinedOutput()
	if err != nil || strings.TrimSpace(string(got)) != url {
		t.Errorf("do page: %v, %s", err, got)
	}
	say("quit")
	if err := ended(); err != nil {
		t.Error(err, out)
	}
	x.Until(`["ended", "lost"].includes(document.querySelector(".standing").dataset.state)`)
	x.Until(`document.querySelector("[data-act=live]") === null`)
	leavesNothing(t, filepath.Join(home, "tmp"), []string{strings.TrimSuffix(strings.TrimPrefix(root, "http://"), "/")})
}
