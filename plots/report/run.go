package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"time"

	"quorumlab/plots"
	"quorumlab/plots/chart"
	"quorumlab/plots/page"
	"quorumlab/plots/page/replay"
	"quorumlab/sim"
	"quorumlab/sim/check"
)

// RunInput is what a report is made of.
type RunInput struct {
	Trace    *sim.Trace
	Result   *check.Result      // nil: nothing was checked
	Pictures []plots.RunPicture // as Run.DrawAll gives them; nil: the report draws them itself
	Scenario string             // the scenario as run, as text
	Replay   string             // the command that runs it again

	// Others are other runs of the same scenario, say on the other engine; the report
	// sets their numbers beside this run's.
	Others []OtherRun
}

// OtherRun is another run to compare with.
type OtherRun struct {
	Name   string // what is different, like "etcd"
	Result *check.Result
}

//go:embed report.html
var reportHTML string

//go:embed report.js
var reportJS string

// runJS is the script of a run's report: its own, and the player's.
var runJS = reportJS + page.Script()

// reportScripts is what the page's security policy says of scripts: its own may run, and no other that anything
// brings in.
var reportScripts = func() string {
	sum := sha256.Sum256([]byte(runJS))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}()

var reportTemplate = template.Must(template.New("report").Funcs(template.FuncMap{
	"clock":   clock,
	"seconds": func(d time.Duration) string { return fmt.Sprintf("%.6f", d.Seconds()) },
	"share":   func(x float64) string { return fmt.Sprintf("%.5f", x) },
	"clean":   chart.Printable,
	"text":    paragraphs,
	"prose":   prose,
}).Parse(reportHTML))

// Run writes the report of a run: one HTML file that needs nothing else. Its
// bytes depend on the input alone.
func Run(w io.Writer, in RunInput) error {
	v, err := newReportView(in)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := reportTemplate.Execute(&b, v); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	_, err = b.WriteTo(w)
	return err
}

// reportView is what the template shows.
type reportView struct {
	RunInput
	CSS      template.CSS
	JS       template.JS
	Player   template.HTML // what the player needs, with the run; empty: there is nothing to play
	Policy   string        // for scripts
	Title    string
	Banner   banner
	Story    []sentenceView
	Verdicts []verdictView
	Script   []stepView
	Pictures []pictureView
	Numbers  []numberView
}

// stepView is a statement of the script and what became of it.
type stepView struct {
	sim.StepResult
	End string // the outcome in people's words
}

// numberView is a measure of the run in people's form.
type numberView struct {
	Name, About string
	Values      []string // this run's, then the others'
}

// banner is the verdict on the whole run.
type banner struct{ Class, Text string }

// sentenceView is a sentence of the story with the events that it is about.
type sentenceView struct {
	check.Sentence
	Events []eventView
	More   int // events that are not shown
}

type verdictView struct {
	sim.Verdict
	Class, Word string
	Members     []string
	Events      []eventView
	More        int // events that are not shown
}

type eventView struct {
	Seq  uint64
	At   time.Duration
	Text string
}

type pictureView struct {
	*plots.Figure
	Times chart.TimeAxis
	SVG   template.HTML
}

func newReportView(in RunInput) (*reportView, error) {
	v := &reportView{RunInput: in, CSS: template.CSS(reportCSS + page.Style()), JS: template.JS(runJS),
		Policy: reportScripts, Title: in.Trace.Scenario.Title}
	if v.Title == "" {
		v.Title = in.Trace.Scenario.Name
	}
	if in.Pictures == nil {
		var err error
		if in.Pictures, err = plots.Read(in.Trace).DrawAll(false); err != nil {
			return nil, err
		}
	}
	for _, p := range in.Pictures {
		v.Pictures = append(v.Pictures, pictureView{p.Figure, p.Times, InlineSVG(p.Figure.Title, p.SVG)})
	}
	if in.Result == nil {
		in.Result = &check.Result{}
	}
	for _, x := range check.Story(in.Trace, in.Result.Verdicts...) {
		s := sentenceView{Sentence: x}
		s.Events, s.More = viewEvents(in.Trace, x.Events, mostEvidence)
		v.Story = append(v.Story, s)
	}
	for _, x := range in.Result.Verdicts {
		v.Verdicts = append(v.Verdicts, viewVerdict(in.Trace, x))
	}
	for _, x := range in.Result.Steps {
		v.Script = append(v.Script, stepView{x, endOf(x)})
	}
	if in.Trace.Len() > 0 {
		var err error
		if v.Player, err = page.Inline(in.Trace, in.Result, replay.MostInline); err != nil {
			return nil, err
		}
	}
	v.Banner = newBanner(in.Result.Verdicts)
	v.Numbers = viewNumbers(in)
	return v, nil
}

// endOf says what became of a step: by whom it was refused, or how long it took.
func endOf(s sim.StepResult) string {
	switch {
	case s.By != "":
		return string(s.Outcome) + " by " + s.By
	case s.Outcome == sim.StepDone && s.Took > 0:
		return "done after " + sim.RoundedTime(s.Took)
	case s.Outcome == sim.StepUnfinished:
		return "not finished"
	}
	return string(s.Outcome)
}

// viewNumbers lists every measure that one of the runs has.
func viewNumbers(in RunInput) []numberView {
	results := []*check.Result{in.Result}
	for _, o := range in.Others {
		results = append(results, o.Result)
	}
	var names []string
	for _, r := range results {
		for _, f := range r.Measures {
			names = append(names, f.Name)
		}
	}
	slices.Sort(names)
	var ns []numberView
	for _, name := range slices.Compact(names) {
		n := numberView{Name: name}
		if m := check.MeasureNamed(name); m != nil {
			n.About = m.About
		}
		for _, r := range results {
			value := "–" // nothing to measure
			if f, ok := r.Measure(name); ok {
				value = f.Unit.FormatValue(f.Value)
			}
			n.Values = append(n.Values, value)
		}
		ns = append(ns, n)
	}
	return ns
}

func newBanner(vs []sim.Verdict) banner {
	var failed, unknown int
	for _, v := range vs {
		switch {
		case v.Unknown:
			unknown++
		case !v.OK:
			failed++
		}
	}
	switch {
	case failed > 0:
		return banner{"bad", fmt.Sprintf("%d of %d checks and expectations failed", failed, len(vs))}
	case unknown > 0:
		return banner{"open", fmt.Sprintf("%d of %d checks and expectations could not be decided; the others hold", unknown,
			len(vs))}
	case len(vs) == 0:
		return banner{"open", "nothing was checked"}
	}
	return banner{"good", fmt.Sprintf("all %d checks and expectations hold", len(vs))}
}

// mostEvidence bounds the events that a verdict shows.
const mostEvidence = 40

func viewVerdict(t *sim.Trace, v sim.Verdict) verdictView {
	x := verdictView{Verdict: v, Class: "good", Word: "holds"}
	switch {
	case v.Unknown:
		x.Class, x.Word = "open", "unknown"
	case !v.OK:
		x.Class, x.Word = "bad", "failed"
	}
	for _, m := range v.Members {
		x.Members = append(x.Members, chart.Printable(t.Name(m)))
	}
	x.Events, x.More = viewEvents(t, v.Events, mostEvidence)
	return x
}

// viewEvents are the first events of a list as lines. Events that the trace does
// not have (their kind was not kept) count as more.
func viewEvents(t *sim.Trace, seqs []uint64, most int) (es []eventView, more int) {
	for _, seq := range seqs {
		e, ok := t.Numbered(seq)
		if !ok || len(es) == most {
			more++
			continue
		}
		es = append(es, eventView{seq, e.At, plots.Describe(t, &e)})
	}
	return es, more
}
