package main

import (
	"errors"
	"path/filepath"
	"slices"
	"time"

	"quorumlab/plots"
	"quorumlab/plots/chart"
	"quorumlab/sim"
)

// mostShown is how long a space-time diagram can be with arrows that can still be told
// apart; margin is what is shown beside the events that matter.
const (
	mostShown = 400 * time.Millisecond
	margin    = 20 * time.Millisecond
)

// draw leaves the space-time diagram of the failure, failure.svg and .png, or the members'
// roles over time if they sent each other nothing, like a cluster of one.
func (d *shrunk) draw() error {
	t := d.result.trace
	r := plots.Read(t)
	r.Messages = shownWindow(t, d.evidence())
	p, err := drawNamed(r, "messages")
	if errors.Is(err, chart.ErrNothing) {
		p, err = drawNamed(r, "timeline")
	}
	if err != nil {
		return err
	}
	d.picture = filepath.Join(d.result.dir, "plots", "failure")
	return writePicture(d.picture, p.SVG, p.PNG)
}

func drawNamed(r *plots.Run, name string) (plots.RunPicture, error) {
	f, err := plots.FigureNamed(name)
	if err != nil {
		return plots.RunPicture{}, err
	}
	return r.Draw(f, true)
}

// evidence are the events that prove the failure.
func (d *shrunk) evidence() []uint64 {
	for _, v := range d.result.judged.Verdicts {
		if v.Check == d.check {
			return v.Events
		}
	}
	return nil
}

// shownWindow is the whole run, or what of a longer one leads to the last event that
// proves the failure.
func shownWindow(t *sim.Trace, evidence []uint64) sim.Window {
	end := t.End()
	if end <= mostShown {
		return sim.Window{To: end}
	}
	var first, last time.Duration
	for _, e := range t.Events {
		if slices.Contains(evidence, e.Seq) {
			if last == 0 {
				first = e.At
			}
			last = e.At
		}
	}
	if last == 0 {
		return sim.Window{To: mostShown}
	}
	to := min(end, last+margin)
	return sim.Window{From: max(0, first-margin, to-mostShown), To: to}
}
