package plots

import (
	"fmt"
	"strings"

	"quorumlab/internal/text"
	"quorumlab/plots/chart"
)

// Figure is one picture of a run. Each is one file, NAME.go, which registers it.
type Figure struct {
	Name  string // lower-case words with dashes; also the name of its files
	Title string // the title of the picture
	About string // a sentence or two: what is drawn, how to read it
	Order int    // place in the report, smallest first
	// Points computes what is drawn. It is pure. ErrNothing: there is nothing to draw.
	Points func(r *Run) (Points, error)
}

// Points are what a figure shows of one run: plain data that tests compare and that
// can draw itself on a sheet.
type Points interface{ ink(s *chart.Sheet) }

var figures = chart.NewRegistry("figure", func(f *Figure) (string, int) { return f.Name, f.Order })

// register adds a figure; it is called from the init of the figure's file.
func register(f Figure) { figures.Add(f) }

// Figures lists the figures in the order in which a report shows them.
func Figures() []*Figure { return figures.List() }

// FigureNamed finds a figure. The error suggests the one that was probably meant.
func FigureNamed(name string) (*Figure, error) {
	if f := figures.Named(name); f != nil {
		return f, nil
	}
	var names []string
	for _, f := range Figures() {
		names = append(names, f.Name)
	}
	return nil, fmt.Errorf("unknown figure %q%s", name,
		text.DidYouMeanOr(name, names, "the figures are "+strings.Join(names, ", ")))
}
