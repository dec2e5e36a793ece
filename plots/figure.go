package plots

import (
	"errors"
	"fmt"

	"quorumlab/internal/text"
)

// ErrNothing is the error of a figure that has nothing to show of a run: latency
// without clients, messages that were not recorded. It is wrapped in a sentence
// that says what is missing.
var ErrNothing = errors.New("nothing to show")

func nothing(why string) error { return fmt.Errorf("%w: %s", ErrNothing, why) }

// Figure is one picture of a run. Each is one file, figure_NAME.go, which
// registers it.
type Figure struct {
	Name  string // lower-case words with dashes; also the name of its files
	Title string // stands over the picture
	About string // a sentence or two for people: what is drawn, how to read it
	Order int    // place in the report, smallest first
	// Points computes what is drawn. It is pure. ErrNothing: there is nothing to draw.
	Points func(r *Run) (Points, error)
}

// Points are what a figure shows of one run: plain data, which tests compare and
// which knows how to put itself on a sheet.
type Points interface{ ink(s *sheet) }

var figures = newRegistry("figure", func(f *Figure) (string, int) { return f.Name, f.Order })

// register adds a figure; it is called from the init of the figure's file.
func register(f Figure) { figures.add(f) }

// Figures lists the figures in the order in which a report shows them.
func Figures() []*Figure { return figures.list() }

// FigureNamed finds a figure. The error names the one that was perhaps meant.
func FigureNamed(name string) (*Figure, error) {
	if f := figures.named[name]; f != nil {
		return f, nil
	}
	var names []string
	for _, f := range Figures() {
		names = append(names, f.Name)
	}
	return nil, fmt.Errorf("unknown figure %q%s; figures are %v", name, text.DidYouMean(name, names), names)
}
