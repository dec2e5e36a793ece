package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"

	"quorumlab/plots/chart"
	"quorumlab/plots/plans"
	"quorumlab/sim/plan"
)

// PlanInput is what the report of a plan is made of, or of two.
type PlanInput struct {
	Plans       []*plans.Planned
	Pictures    []plans.PlanPicture
	Differences []Difference // of two plans
}

// Difference is a number of two plans.
type Difference struct {
	Name   string
	Values [2]string
}

// Differs reports whether the plans differ.
func (d Difference) Differs() bool { return d.Values[0] != d.Values[1] }

//go:embed plan.html
var planHTML string

var planTemplate = template.Must(template.New("plan").Funcs(template.FuncMap{"clean": chart.Printable}).Parse(planHTML))

// planView is what the template shows.
type planView struct {
	CSS         template.CSS
	Title       string
	Plans       []planHead
	Differences []Difference
	Answers     []answerView
	Simulated   []besideView
}

type planHead struct{ Name, About, Given, Default string }

type answerView struct {
	ID, Name     string
	Texts        []textView
	Pictures     []sweepPictureView
	Rule, Source string
}

type textView struct{ Name, Text string }

type besideView struct {
	Name string
	Rows [][4]string
}

// Plan writes the report of one plan or two: one HTML file that needs nothing else.
// Its bytes depend on the input alone.
func Plan(w io.Writer, in PlanInput) error {
	v := planView{CSS: template.CSS(reportCSS), Differences: in.Differences}
	first := in.Plans[0]
	v.Title = fmt.Sprintf("A cluster of %d members", first.Input.Members)
	if len(in.Plans) > 1 {
		v.Title = "Two clusters side by side"
	}
	for _, p := range in.Plans {
		v.Plans = append(v.Plans, planHead{p.Name, p.Outline(), p.AssumptionsInWords(true), p.AssumptionsInWords(false)})
		if p.Simulated != nil {
			v.Simulated = append(v.Simulated, viewBeside(p))
		}
	}
	for i, t := range first.Answers() {
		a := answerView{ID: t.Key, Name: t.Name, Rule: t.Answer.Rule, Source: t.Answer.Source}
		for _, p := range in.Plans {
			name := ""
			if len(in.Plans) > 1 {
				name = p.Name
			}
			a.Texts = append(a.Texts, textView{name, p.Answers()[i].Answer.Text})
		}
		for _, p := range in.Pictures {
			if p.Figure.Answer == t.Key {
				a.Pictures = append(a.Pictures, sweepPictureView{p.Figure.About, InlineSVG(p.Name, p.SVG)})
			}
		}
		v.Answers = append(v.Answers, a)
	}
	var b bytes.Buffer
	if err := planTemplate.Execute(&b, v); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	_, err := b.WriteTo(w)
	return err
}

func viewBeside(p *plans.Planned) besideView {
	v := besideView{Name: p.Name}
	for _, r := range p.Simulated.Rows {
		v.Rows = append(v.Rows, [4]string{r.Measure, plan.Spell(r.Planned), plan.Spell(r.Simulated),
			fmt.Sprintf("%.2f", r.Ratio())})
	}
	return v
}
