package plots

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"quorumlab/plots/chart"
	"quorumlab/sim"
)

// RunPicture is a figure of one run, drawn.
type RunPicture struct {
	Figure *Figure
	Times  chart.TimeAxis
	SVG    []byte // a whole document of 1280 x 720 pixels
	PNG    []byte // the same, 1280 x 720 pixels; nil if only the SVG was asked for
}

// Render draws one figure of a trace as SVG and PNG. ErrNothing: the trace has
// nothing for the figure to show.
func Render(t *sim.Trace, name string) (svg, pngs []byte, err error) {
	f, err := FigureNamed(name)
	if err != nil {
		return nil, nil, err
	}
	p, err := Read(t).Draw(f, true)
	return p.SVG, p.PNG, err
}

// Draw draws one figure, as PNG too if asked. ErrNothing: there is nothing to show.
func (r *Run) Draw(f *Figure, withPNG bool) (RunPicture, error) {
	points, err := f.Points(r)
	if err != nil {
		return RunPicture{}, fmt.Errorf("figure %s: %w", f.Name, err)
	}
	p := RunPicture{Figure: f}
	p.SVG, p.PNG, err = chart.Draw(f.Title, subtitle(r), func(s *chart.Sheet) {
		s.Span, s.Faults = r.Span, r.Faults
		points.ink(s)
		p.Times = s.Times
	}, withPNG)
	return p, err
}

// DrawAll draws every figure that has something to show, in the order of Figures.
// The figures are drawn in parallel.
func (r *Run) DrawAll(withPNG bool) ([]RunPicture, error) {
	fs := Figures()
	pictures, errs := make([]RunPicture, len(fs)), make([]error, len(fs))
	var drawing sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, f := range fs {
		slots <- struct{}{}
		drawing.Go(func() {
			pictures[i], errs[i] = r.Draw(f, withPNG)
			<-slots
		})
	}
	drawing.Wait()
	drawn := pictures[:0]
	for i, err := range errs {
		switch {
		case err == nil:
			drawn = append(drawn, pictures[i])
		case !errors.Is(err, chart.ErrNothing):
			return nil, err
		}
	}
	return drawn, nil
}

// WriteAll draws every figure that has something to show into NAME.svg and
// NAME.png in the folder, which exists, and returns the pictures.
func WriteAll(t *sim.Trace, dir string) ([]RunPicture, error) {
	pictures, err := Read(t).DrawAll(true)
	if err != nil {
		return nil, err
	}
	for _, p := range pictures {
		name := filepath.Join(dir, p.Figure.Name)
		if err := errors.Join(os.WriteFile(name+".svg", p.SVG, 0o666), os.WriteFile(name+".png", p.PNG, 0o666)); err != nil {
			return nil, err
		}
	}
	return pictures, nil
}

// subtitle says which run it was.
func subtitle(r *Run) string {
	name := r.Scenario.Title
	if name == "" {
		name = r.Scenario.Name
	}
	return chart.Printable(fmt.Sprintf("%s · engine %s, seed %d", name, r.Engine, r.Seed))
}
