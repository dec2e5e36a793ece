package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"html"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"quorumlab/internal/text"
	"quorumlab/plots"
	"quorumlab/plots/plottest"
	"quorumlab/sim"
	"quorumlab/sim/check"
)

func report(t *testing.T, in RunInput) string {
	t.Helper()
	var b bytes.Buffer
	if err := Run(&b, in); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var inlineScript = regexp.MustCompile(`(?s)<script>.*?</script>`)

// checkHTML finds every element closed where it was opened, every link within the
// page, and nothing that a browser would fetch.
func checkHTML(t *testing.T, page string) {
	t.Helper()
	if i := strings.IndexFunc(page, text.Obeyed); i >= 0 {
		t.Errorf("a browser would obey %q", page[max(0, i-40):i+5])
	}
	if n := len(inlineScript.FindAllString(page, -1)); n != 1 {
		t.Errorf("%d scripts, want the page's own", n)
	}
	d := xml.NewDecoder(strings.NewReader(inlineScript.ReplaceAllString(page, "")))
	d.Strict, d.AutoClose, d.Entity = false, []string{"meta"}, xml.HTMLEntity
	ids, links := map[string]bool{}, []string{}
	var open []string
	for {
		tok, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := tok.(type) {
		case xml.StartElement:
			open = append(open, e.Name.Local)
			for _, a := range e.Attr {
				switch a.Name.Local {
				case "id":
					if ids[a.Value] {
						t.Errorf("two elements have the id %q", a.Value)
					}
					ids[a.Value] = true
				case "href":
					links = append(links, a.Value)
				case "src", "srcset", "data", "action":
					t.Errorf("<%s %s=%q> is fetched", e.Name.Local, a.Name.Local, a.Value)
				}
			}
		case xml.EndElement:
			if n := len(open) - 1; n < 0 || open[n] != e.Name.Local {
				t.Fatalf("</%s> closes %v", e.Name.Local, open)
			}
			open = open[:len(open)-1]
		}
	}
	for _, l := range links {
		if !strings.HasPrefix(l, "#") || !ids[l[1:]] {
			t.Errorf("the link %q leads nowhere in the page", l)
		}
	}
	words := inlineScript.ReplaceAllString(page, "") // package page's tests look at the player's script
	for _, outside := range []string{"http:", "https:", "url(", "@import"} {
		if strings.Contains(words, outside) {
			t.Errorf("the page has %q", outside)
		}
	}
}

func TestReport(t *testing.T) {
	in := input(plottest.Play(20*time.Second, 50))
	page := report(t, in)
	checkHTML(t, page)
	for _, want := range []string{
		"<title>A leader is cut off, another one crashes · sim · seed 7</title>",
		"Watch the side with the majority elect",
		`<p class="banner bad">1 of 3 checks and expectations failed</p>`,
		`<section id="story">`,
		"<summary>the events behind it</summary>",
		`data-at="7.000000">7.000 s</a>`,
		`<code>leaderless.longest[20s..30s] &lt;= 1s</code>`,
		"and 1 more events in the trace",
		"Members: n1, n4",
		`<figure id="figure-quorum">`,
		"<td><code>leaderless.total</code></td>",
		"- {at: 5s, do: crash leader}",
		"quorumlab run played --engine sim --seed 7",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	if len(page) > 1_500_000 {
		t.Errorf("the report has %d bytes", len(page))
	}
	if again := report(t, in); again != page {
		t.Error("the same input gave another report")
	}
	in.Pictures, _ = plots.Read(in.Trace).DrawAll(false)
	if again := report(t, in); again != page {
		t.Error("pictures drawn before gave another report")
	}
}

func TestReportComparesRuns(t *testing.T) {
	in := RunInput{Trace: plottest.Small(), Result: &check.Result{Measures: []check.MeasuredValue{{Name: "terms",
		Value: 3}, {Name: "writes.ok", Value: 40}}}}
	in.Others = []OtherRun{{"etcd", &check.Result{Measures: []check.MeasuredValue{{Name: "failover", Unit: sim.Millis,
		Value: 250}, {Name: "terms", Value: 4}}}}}
	page := report(t, in)
	checkHTML(t, page)
	for _, want := range []string{
		`<th class="value">sim</th><th class="value">etcd</th>`,
		`<td><code>failover</code></td><td class="value">–</td><td class="value">250ms</td>`,
		`<td><code>terms</code></td><td class="value">3</td><td class="value">4</td>`,
		`<td><code>writes.ok</code></td><td class="value">40</td><td class="value">–</td>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
}

func TestReportWithoutAnything(t *testing.T) {
	page := report(t, RunInput{Trace: &sim.Trace{}})
	checkHTML(t, page)
	for _, not := range []string{"<figure", `id="verdicts"`, `id="numbers"`} {
		if strings.Contains(page, not) {
			t.Errorf("an empty run has a section %s", not)
		}
	}
}

// TestReportTellsWhatBecameOfTheScript: a row for each statement, with its outcome, by whom and why.
func TestReportTellsWhatBecameOfTheScript(t *testing.T) {
	tr := plottest.Small()
	page := string(report(t, RunInput{Trace: tr, Result: &check.Result{Steps: []sim.StepResult{
		{Step: 1, Statement: "compact", Outcome: sim.StepDone, At: time.Second, Took: 20 * time.Millisecond},
		{Step: 2, Statement: "compact 9", Outcome: sim.StepRefused, By: "n2", Why: "a future revision"},
		{Step: 3, Statement: "defrag n1", Outcome: sim.StepUnfinished, Why: "the run ended"},
		{Step: 4, Statement: "pause n3", Outcome: sim.StepUndone, Why: "n3 crashed"},
	}}}))
	for _, row := range []string{
		"<code>compact</code></td><td>done after 20ms</td><td></td>",
		"<code>compact 9</code></td><td>refused by n2</td><td>a future revision</td>",
		"<code>defrag n1</code></td><td>not finished</td><td>the run ended</td>",
		"<code>pause n3</code></td><td>undone</td><td>n3 crashed</td>",
	} {
		if !strings.Contains(page, row) {
			t.Errorf("the page has no row %s", row)
		}
	}
}

func TestReportBanner(t *testing.T) {
	good, bad, open := sim.Verdict{OK: true}, sim.Verdict{}, sim.Verdict{Unknown: true}
	for _, tt := range []struct {
		verdicts []sim.Verdict
		want     banner
	}{
		{nil, banner{"open", "nothing was checked"}},
		{[]sim.Verdict{good, good}, banner{"good", "all 2 checks and expectations hold"}},
		{[]sim.Verdict{good, open}, banner{"open", "1 of 2 checks and expectations could not be decided; the others hold"}},
		{[]sim.Verdict{open, bad}, banner{"bad", "1 of 2 checks and expectations failed"}},
	} {
		if got := newBanner(tt.verdicts); got != tt.want {
			t.Errorf("%+v: %+v, want %+v", tt.verdicts, got, tt.want)
		}
	}
}

// TestReportRunsItsOwnScriptAlone: what the page's policy allows is the script in it, by its sum.
func TestReportRunsItsOwnScriptAlone(t *testing.T) {
	page := report(t, RunInput{Trace: plottest.Small()})
	script := strings.TrimSuffix(strings.TrimPrefix(inlineScript.FindString(page), "<script>"), "</script>")
	sum := sha256.Sum256([]byte(script))
	_, policy, _ := strings.Cut(page, "Content-Security-Policy\" content=\"")
	policy, _, _ = strings.Cut(policy, "\"")
	want := "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-" +
		base64.StdEncoding.EncodeToString(sum[:]) + "'"
	if got := html.UnescapeString(policy); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestReportEscapes(t *testing.T) {
	const evil = "</style></svg><script>alert(1)</script> \"'&<b> \x00\x1b\u2028\u202e\xff"
	tr := plottest.Small()
	tr.Scenario.Title, tr.Scenario.About, tr.Scenario.Name, tr.Scenario.Chapter = evil, evil, evil, evil
	tr.Engine, tr.Version = evil, evil
	for i := range tr.Members {
		tr.Members[i] += evil
	}
	for i := range tr.Events {
		tr.Events[i].Key += evil
		tr.Events[i].Note += evil
	}
	var all []uint64
	for _, e := range tr.Events {
		all = append(all, e.Seq)
	}
	if _, pngs, err := plots.Render(tr, "timeline"); err != nil {
		t.Fatal(err)
	} else {
		plottest.CheckPNG(t, pngs)
	}
	pictures, err := plots.Read(tr).DrawAll(false)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pictures {
		plottest.CheckSVG(t, p.SVG)
		if bytes.Contains(p.SVG, []byte("<script")) || bytes.ContainsFunc(p.SVG, text.Obeyed) {
			t.Errorf("%s holds a script", p.Figure.Name)
		}
	}
	checkHTML(t, report(t, RunInput{
		Trace: tr, Pictures: pictures, Scenario: evil, Replay: evil,
		Result: &check.Result{
			Verdicts: []sim.Verdict{{Check: evil, Why: evil, Events: all, Members: []sim.MemberID{1, 9999}}},
			Steps:    []sim.StepResult{{Statement: evil, Outcome: sim.StepRefused, By: evil, Why: evil}},
			Measures: []check.MeasuredValue{{Name: evil}},
		},
	}))
}

func TestInlinedSVGHasThePagesColours(t *testing.T) {
	f, err := plots.FigureNamed("timeline")
	if err != nil {
		t.Fatal(err)
	}
	p, err := plots.Read(plottest.Small()).Draw(f, false)
	if err != nil {
		t.Fatal(err)
	}
	svg := string(InlineSVG(f.Title, p.SVG))
	for _, c := range pageColours {
		if !strings.Contains(reportCSS, "--"+c.name+":") {
			t.Errorf("the style sheet does not know --%s", c.name)
		}
	}
	if strings.Contains(svg, "#1A2027") || strings.Contains(svg, "#FEFEFE") || !strings.Contains(svg, "var(--ink)") {
		t.Error("a dark page would show dark letters")
	}
}
