package lessons

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"quorumlab/plots/chart"
	"quorumlab/sim"
)

// Runner is what a step runs: a [ScenarioRun], or a [Driver] where real operations are needed.
type Runner interface {
	// Do runs it and returns the outcome. It leaves nothing behind but files in env.Dir, and
	// returns soon after ctx is done, with ctx's error. Errors are those of the machine; an
	// outcome that differs from the claims is not an error.
	Do(ctx context.Context, env *Env) (*Observations, error)
}

// Driver is a function as a Runner.
type Driver func(ctx context.Context, env *Env) (*Observations, error)

// Do calls the function.
func (d Driver) Do(ctx context.Context, env *Env) (*Observations, error) { return d(ctx, env) }

// Env is what a run and a judge know of the program around them.
type Env struct {
	Dir     string // an empty folder, removed afterwards
	Version string // of the program, for traces
	// Say tells a waiting user what is going on, in a few words; never nil.
	Say func(format string, args ...any)
}

// Observations are what a run showed. Names in them are unique.
type Observations struct {
	Facts    []Fact
	Tables   []Table
	Pictures []Picture
}

// Fact is one finding.
type Fact struct {
	Name  string // dotted, like put.p50
	About string // for people: what it is, without its value
	Value float64
	Unit  sim.Unit
	Text  string // if not empty: the value, which is not a number
	// Exact facts are the same on every machine: counts, codes, orders. Others are measured;
	// they are shown, and checked against wide bounds at most.
	Exact bool
}

// String is the value for people to read, with its unit.
func (f Fact) String() string {
	if f.Text != "" {
		return f.Text
	}
	if f.Unit == sim.Count {
		return strconv.FormatFloat(f.Value, 'f', -1, 64)
	}
	return f.Unit.FormatValue(f.Value)
}

// Table is rows for people and for CSV. Every row has as many cells as Head.
type Table struct {
	Name  string // of its file
	Title string
	Head  []string
	Rows  [][]string
	Exact bool // the same on every machine
}

// Picture is a drawn figure.
type Picture struct {
	Name     string // of its files
	Title    string
	About    string // how to read it
	SVG, PNG []byte
	Exact    bool // from the sim engine: the same bytes each time
}

// Count adds a fact that is an exact number.
func (o *Observations) Count(name string, value float64, about string) {
	o.Facts = append(o.Facts, Fact{Name: name, Value: value, About: about, Exact: true})
}

// Tell adds a fact that is an exact text: a code, an answer, an order.
func (o *Observations) Tell(name, text, about string) {
	o.Facts = append(o.Facts, Fact{Name: name, Text: text, About: about, Exact: true})
}

// Measure adds a fact that differs from machine to machine.
func (o *Observations) Measure(name string, value float64, unit sim.Unit, about string) {
	o.Facts = append(o.Facts, Fact{Name: name, Value: value, Unit: unit, About: about})
}

// Fact returns a fact by name.
func (o *Observations) Fact(name string) (Fact, bool) {
	i := slices.IndexFunc(o.Facts, func(f Fact) bool { return f.Name == name })
	if i < 0 {
		return Fact{}, false
	}
	return o.Facts[i], true
}

// Draw draws a chart and adds it. The error is the drawing's.
func (o *Observations) Draw(c chart.Chart) error {
	svg, png, err := c.Render()
	if err != nil {
		return fmt.Errorf("chart %s: %w", c.Name, err)
	}
	o.Pictures = append(o.Pictures, Picture{Name: c.Name, Title: c.Title, About: c.About, SVG: svg, PNG: png})
	return nil
}

// DrawExact is Draw for data that is the same on every machine.
func (o *Observations) DrawExact(c chart.Chart) error {
	if err := o.Draw(c); err != nil {
		return err
	}
	o.Pictures[len(o.Pictures)-1].Exact = true
	return nil
}
