package desk_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"go.uber.org/goleak"

	"quorumlab/lessons"
	sizing "quorumlab/lessons/40.3-sizing-and-quorum"
	"quorumlab/lessons/desk"
	"quorumlab/lessons/learner"
	"quorumlab/plots/page"
	"quorumlab/plots/page/browsertest"
	"quorumlab/sim/etcdsim/cluster"
)

func TestMain(m *testing.M) {
	cluster.Main()
	lessons.Register(sizing.Lesson())
	goleak.VerifyTestMain(m)
}

// served is a desk with a new learner's book.
func served(t *testing.T) (d *desk.Desk, b *learner.Book, h http.Handler) {
	t.Helper()
	b, err := learner.Open(t.TempDir(), "anna")
	if err != nil {
		t.Fatal(err)
	}
	d = desk.New(b, "v")
	files, err := (&page.Site{Lessons: true}).Files()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.Contains(string(f.Body), d.Token) {
			t.Errorf("%s has the token, and anybody may read it", f.Path)
		}
	}
	return d, b, page.Handler(files, nil, page.Below{Path: page.LessonsPath, Handler: d})
}

func ask(h http.Handler, token, what, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "http://localhost:1/lessons/"+what, strings.NewReader(body))
	r.Header.Set("X-Token", token)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// What is predicted, run and graded by the page is kept as by the command line, and a prediction counts that was made
// before the run.
func TestDesk(t *testing.T) {
	d, b, h := served(t)
	const step = `"lesson": "40.3", "step": "zones"`
	for _, tt := range []struct {
		name, token, what, body string
		code                    int
		has                     string
	}{
		{"the list", d.Token, "list", `{}`, 200, `"40.3"`},
		{"a lesson", d.Token, "open", `{"lesson": "40.3"}`, 200, `Survive any zone`},
		{"no outcome before the run", d.Token, "open", `{"lesson": "40.3"}`, 200, `"before"`},
		{"the schema", d.Token, "schema", `{}`, 200, `"$defs"`},
		{"a prediction", d.Token, "predict", `{` + step + `, "prediction": "two-zones", "answer": "only b"}`, 200, `{}`},
		{"what is none", d.Token, "predict", `{` + step + `, "prediction": "two-zones", "answer": "x"}`, 422, `not one of`},
		{"no such question", d.Token, "predict", `{` + step + `, "prediction": "x", "answer": "only b"}`, 422, `no prediction`},
		{"no such lesson", d.Token, "open", `{"lesson": "40.33"}`, 422, `unknown lesson`},
		{"the run", d.Token, "run", `{` + step + `}`, 200, `"result"`},
		{"an answer that is wrong", d.Token, "grade",
			`{"lesson": "40.3", "task": "three-zones", "answer": "clutser: {}\n"}`, 200, `zones.yaml:1:1`},
		{"no token", "", "list", `{}`, 403, "token"},
		{"a wrong one", d.Token + "x", "grade", `{}`, 403, "token"},
		{"no request", d.Token, "list", `[]`, 400, ""},
		{"a flood", d.Token, "grade", `{"answer": "` + strings.Repeat("x", 1<<20) + `"}`, 400, ""},
		{"something else", d.Token, "secret", `{}`, 404, ""},
	} {
		if w := ask(h, tt.token, tt.what, tt.body); w.Code != tt.code || !strings.Contains(w.Body.String(), tt.has) {
			t.Errorf("%s: code %d, %.300s", tt.name, w.Code, w.Body)
		}
	}
	l, err := lessons.Find("40.3")
	if err != nil {
		t.Fatal(err)
	}
	if w := ask(h, d.Token, "open", `{"lesson": "40.3"}`); strings.Contains(w.Body.String(), l.Steps[0].Misconception) {
		t.Error("what a step corrects is told before its run")
	}
	model, err := json.Marshal(string(l.Tasks[0].Model))
	if err != nil {
		t.Fatal(err)
	}
	w := ask(h, d.Token, "grade", `{"lesson": "40.3", "task": "three-zones", "answer": `+string(model)+`}`)
	if !strings.Contains(w.Body.String(), `"result"`) {
		t.Errorf("the model answer: %s", w.Body)
	}
	p, err := b.Read()
	if err != nil {
		t.Fatal(err)
	}
	k := p.Lesson("40.3")
	x := k.Step("zones").Predicted["two-zones"]
	task := k.Tasks["three-zones"]
	if !k.Step("zones").Played || x == nil || x.Last().Answer != "only b" || x.Last().Was == "" || task == nil ||
		task.Points != task.Of || task.Tries != 1 {
		t.Errorf("the book has %+v, %+v", x, task)
	}
	if w := ask(h, d.Token, "progress", `{}`); !strings.Contains(w.Body.String(), `"learner":"anna"`) {
		t.Errorf("the progress is %s", w.Body)
	}
}

// A learner answers a question, runs the step, sees what came out, and solves a task in the editor.
func TestALessonInTheBrowser(t *testing.T) {
	x := browsertest.Open(t)
	d, b, h := served(t)
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	x.Visit(srv.URL+"/lessons/#token="+d.Token, `document.querySelector(".chapters a") !== null`)
	if address := browsertest.Get[string](x, `location.href`); strings.Contains(address, "token") {
		t.Errorf("the address shows the token: %s", address)
	}
	x.Click(`.chapters a[href="#40.3"]`)
	const step = `document.querySelector("[data-step=zones]")`
	x.Until(step + ` !== null`)
	if browsertest.Get[bool](x, step+`.querySelector(".shown") !== null`) {
		t.Error("the outcome is there before the run")
	}
	browsertest.Get[any](x, step+`.querySelector("[data-question=two-zones] input[value='only b']").click()`)
	x.Until(step + `.querySelector("[data-question=two-zones] input[value='only b']").checked`)
	browsertest.Get[any](x, step+`.querySelector("[data-act=run]").click()`)
	x.Until(step + `.dataset.state === "played"`)
	x.Until(step + `.querySelectorAll("figure svg text").length > 0`)
	x.Until(step + `.querySelector(".came b.right").textContent.includes("Right")`)
	x.Until(step + `.querySelector(".belief") !== null`)

	// The editor says where an answer is wrong, knows the schema, and the model answer gets full marks.
	const task = `document.querySelector("[data-task=three-zones]")`
	const content = task + `.querySelector(".editor").shadowRoot.querySelector(".cm-content")`
	write := func(text string) { // in place of what is there
		browsertest.Get[any](x, content+`.focus()`)
		x.Do(chromedp.KeyEvent("a", chromedp.KeyModifiers(2)))
		x.Do(func(ctx context.Context, to *chromedp.Target) (chromedp.Void, error) {
			_, err := cdp.Call(ctx, to, input.InsertText, input.InsertTextParams{Text: text})
			return chromedp.Void{}, err
		})
	}
	write("clutser: {}\n")
	browsertest.Get[any](x, task+`.querySelector("[data-act=grade]").click()`)
	x.Until(task + `.querySelector("[role=alert]").textContent.includes("zones.yaml:1:1")`)
	x.Until(task + `.querySelector(".editor").shadowRoot.querySelector(".cm-lintRange-error") !== null`)
	write("cluster:\n  ")
	x.Do(chromedp.KeyEvent("h"))
	x.Until(task + `.querySelector(".editor").shadowRoot.querySelector(".cm-tooltip-autocomplete")` +
		`.textContent.includes("heartbeat")`)
	l, err := lessons.Find("40.3")
	if err != nil {
		t.Fatal(err)
	}
	write(string(l.Tasks[0].Model))
	browsertest.Get[any](x, task+`.querySelector("[data-act=grade]").click()`)
	x.Until(task + `.dataset.state === "graded" && ` + task + `.querySelector(".marks .not") === null && ` +
		task + `.querySelector(".marks") !== null`)
	p, err := b.Read()
	if err != nil {
		t.Fatal(err)
	}
	k := p.Lesson("40.3")
	if done := k.Tasks["three-zones"]; done == nil || done.Points != done.Of ||
		!k.Step("zones").Predicted["two-zones"].Last().Right {
		t.Errorf("the book has %+v", k)
	}

	if axe, err := os.ReadFile(filepath.FromSlash("../../plots/page/web/node_modules/axe-core/axe.min.js")); err == nil {
		for i, scheme := range []string{"light", "dark"} {
			x.Scheme(scheme, []int64{1280, 390}[i])
			x.Accessible(string(axe), "a lesson, "+scheme)
		}
		x.Click(`article a[href="#"]`)
		x.Until(`document.querySelector(".chapters li.begun") !== null`)
		x.Accessible(string(axe), "the lessons")
	}
	x.Quiet(srv.URL + "/")
}
