package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"strconv"

	"quorumlab/plots"
	"quorumlab/plots/chart"
	"quorumlab/plots/sweeps"
	"quorumlab/sim"
	"quorumlab/sim/sweep"
)

// SweepInput is what the report of a sweep is made of.
type SweepInput struct {
	Sweep    *sweeps.Swept
	Pictures []sweeps.SweepPicture
	Examples []ShownTrial
}

// ShownTrial is a trial that the report shows message by message.
type ShownTrial struct {
	About  sim.Example
	Trial  sweep.Trial
	Value  float64 // of the sweep's first measure
	Trace  *sim.Trace
	Window sim.Window // of the trace
}

// Picture draws the example as a space-time diagram, as PNG too if asked.
func (e ShownTrial) Picture(withPNG bool) (plots.RunPicture, error) {
	f, err := plots.FigureNamed("messages")
	if err != nil {
		return plots.RunPicture{}, err
	}
	r := plots.Read(e.Trace)
	r.Messages = e.Window
	return r.Draw(f, withPNG)
}

//go:embed sweep.html
var sweepHTML string

var sweepTemplate = template.Must(template.New("sweep").Funcs(template.FuncMap{"clean": chart.Printable,
	"text": paragraphs, "prose": prose}).Parse(sweepHTML))

// sweepView is what the template shows.
type sweepView struct {
	CSS                         template.CSS
	Name, Title, Chapter, About string
	Trials, Seed                string
	Banner, BannerClass         string
	Pictures                    []sweepPictureView
	Examples                    []exampleView
	Intervals                   string
	Tables                      []tableView
	Failing                     []string
}

type sweepPictureView struct {
	About string
	SVG   template.HTML
}

type exampleView struct {
	Title, About, Replay string
	SVG                  template.HTML
}

type tableView struct {
	Measure string
	Head    []string
	Rows    [][]string
}

// Sweep writes the report of a sweep: one HTML file that needs nothing else. Its
// bytes depend on the input alone.
func Sweep(w io.Writer, in SweepInput) error {
	s, first := in.Sweep, in.Sweep.Scenarios[0]
	v := sweepView{CSS: template.CSS(reportCSS), Name: first.Name, Title: s.TitleOf(0, first.Name), Chapter: first.Chapter,
		About:  first.About,
		Trials: chart.Grouped(float64(s.Design.Total()), 0), Seed: strconv.FormatUint(s.Design.Seed, 10),
		Intervals: sweep.Intervals,
		Banner:    "All trials passed", BannerClass: "good"}
	if n := s.Failed(); n > 0 {
		v.Banner, v.BannerClass = fmt.Sprintf("%d trials failed", n), "bad"
	}
	for _, p := range in.Pictures {
		v.Pictures = append(v.Pictures, sweepPictureView{p.About, InlineSVG(p.Name, p.SVG)})
	}
	for _, e := range in.Examples {
		p, err := e.Picture(false)
		if err != nil {
			return err
		}
		v.Examples = append(v.Examples, exampleView{Title: e.title(s), About: e.About.About, Replay: s.Design.Replay(e.Trial),
			SVG: InlineSVG(p.Figure.Title, p.SVG)})
	}
	for i := range s.Design.Measures {
		v.Tables = append(v.Tables, tableOf(s, i))
	}
	for _, o := range s.Variations {
		for _, t := range o.Failing {
			v.Failing = append(v.Failing, s.Design.Replay(t))
		}
	}
	var b bytes.Buffer
	if err := sweepTemplate.Execute(&b, v); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	_, err := b.WriteTo(w)
	return err
}

func (e ShownTrial) title(s *sweeps.Swept) string {
	f := s.Design.Measures[0]
	return fmt.Sprintf("%s: seed %d, %s of %s at %s of the trials", e.About.Variation, s.Design.SeedOf(e.Trial), f,
		f.Unit().FormatValue(e.Value), e.About.Quantile)
}

// tableOf is one measure's numbers.
func tableOf(s *sweeps.Swept, measure int) tableView {
	r := s.Design.Measures[measure]
	t := tableView{Measure: sweeps.Label(r), Head: []string{"Variation", "Trials", "Failed", "n", "Least", "10%", "50%",
		"95% CI", "Mean", "90%", "99%", "Most"}}
	if r.Op != "" {
		t.Head = []string{"Variation", "Trials", "Failed", "n", "Share", "95% CI"}
	}
	for _, o := range s.Variations {
		d := o.Measures[measure]
		v := func(x float64) string {
			if math.IsNaN(x) {
				return "-"
			}
			return d.Unit.FormatValue(x)
		}
		row := []string{o.Name, strconv.Itoa(o.Trials), strconv.Itoa(o.Failed), strconv.Itoa(d.N)}
		if r.Op != "" {
			row = append(row, v(d.Mean), v(d.Share.Lo)+" to "+v(d.Share.Hi))
		} else {
			row = append(row, v(d.Min), v(d.P10), v(d.P50), v(d.At[0].Lo)+" to "+v(d.At[0].Hi), v(d.Mean), v(d.P90), v(d.P99),
				v(d.Max))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
