package plots

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"sort"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/check"
)

// ReportInput is what a report is made of.
type ReportInput struct {
	Trace    *sim.Trace
	Result   *check.Result // nil: nothing was checked
	Pictures []Picture     // as Run.DrawAll gives them; nil: the report draws them itself
	Scenario string        // the scenario as run, as text
	Replay   string        // the command that runs it again

	// Others are other runs of the same scenario, say on the other engine; the report
	// sets their numbers beside this run's.
	Others []Other
}

// Other is another run to compare with.
type Other struct {
	Name   string // what is different, like "etcd"
	Result *check.Result
}

//go:embed report/report.html
var reportHTML string

//go:embed report/report.css
var reportCSS string

//go:embed report/report.js
var reportJS string

var reportTemplate = template.Must(template.New("report").Funcs(template.FuncMap{
	"clock":   clock,
	"seconds": func(d time.Duration) string { return fmt.Sprintf("%.6f", d.Seconds()) },
	"share":   func(x float64) string { return fmt.Sprintf("%.5f", x) },
	"clean":   printable,
	"text":    paragraphs,
}).Parse(reportHTML))

// Report writes the report of a run: one HTML file that needs nothing else. Its
// bytes depend on the input alone.
func Report(w io.Writer, in ReportInput) error {
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
	ReportInput
	CSS      template.CSS
	JS       template.JS
	Title    string
	Banner   banner
	Story    []sentenceView
	Verdicts []verdictView
	Pictures []pictureView
	Numbers  []numberView
}

// numberView is a figure of the run in people's form.
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
	*Figure
	Times TimeAxis
	SVG   template.HTML
}

func newReportView(in ReportInput) (*reportView, error) {
	v := &reportView{ReportInput: in, CSS: template.CSS(reportCSS), JS: template.JS(reportJS), Title: in.Trace.Scenario.Title}
	if v.Title == "" {
		v.Title = in.Trace.Scenario.Name
	}
	if in.Pictures == nil {
		var err error
		if in.Pictures, err = Read(in.Trace).DrawAll(false); err != nil {
			return nil, err
		}
	}
	for _, p := range in.Pictures {
		v.Pictures = append(v.Pictures, pictureView{p.Figure, p.Times, inlineSVG(p)})
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
	v.Banner = newBanner(in.Result.Verdicts)
	v.Numbers = viewNumbers(in)
	return v, nil
}

// viewNumbers lists every figure that one of the runs has.
func viewNumbers(in ReportInput) []numberView {
	results := []*check.Result{in.Result}
	for _, o := range in.Others {
		results = append(results, o.Result)
	}
	var names []string
	for _, r := range results {
		for _, f := range r.Figures {
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
			if f, ok := r.Figure(name); ok {
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
		return banner{"open", fmt.Sprintf("%d of %d checks and expectations could not be decided; the others hold", unknown, len(vs))}
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
		x.Members = append(x.Members, printable(t.Name(m)))
	}
	x.Events, x.More = viewEvents(t, v.Events, mostEvidence)
	return x
}

// viewEvents are the first events of a list as lines. Events that the trace does
// not have (their kind was not kept) count as more.
func viewEvents(t *sim.Trace, seqs []uint64, most int) (es []eventView, more int) {
	for _, seq := range seqs {
		e := eventNumbered(t, seq)
		if e == nil || len(es) == most {
			more++
			continue
		}
		es = append(es, eventView{seq, e.At, Describe(t, e)})
	}
	return es, more
}

func eventNumbered(t *sim.Trace, seq uint64) *sim.Event {
	i := sort.Search(len(t.Events), func(i int) bool { return t.Events[i].Seq >= seq })
	if i < len(t.Events) && t.Events[i].Seq == seq {
		return &t.Events[i]
	}
	return nil
}

// pageColours are the report's names for the neutral colours of the figures.
var pageColours = []struct {
	colour hex
	name   string
}{{paper, "paper"}, {ink, "ink"}, {muted, "muted"}, {grid, "grid"}, {pale, "pale"}}

// inlineSVG is a picture's SVG as an element of a page: without the document's
// head, named for screen readers, with the page's colours in place of the neutral
// ones.
func inlineSVG(p Picture) template.HTML {
	svg := p.SVG[bytes.Index(p.SVG, []byte("<svg")):]
	head, body, _ := bytes.Cut(svg, []byte(">"))
	_, box, _ := bytes.Cut(head, []byte("viewBox=\""))
	box, _, _ = bytes.Cut(box, []byte("\""))
	for _, c := range pageColours {
		body = bytes.ReplaceAll(body, fmt.Appendf(nil, ":#%06X", uint32(c.colour)), []byte(":var(--"+c.name+")"))
	}
	return template.HTML(fmt.Sprintf(`<svg role="img" aria-label="%s" viewBox="%s">`, template.HTMLEscapeString(p.Figure.Title), box)) + template.HTML(body)
}
