package folders

import (
	"errors"
	"path/filepath"
	"time"

	"quorumlab/plots"
	"quorumlab/plots/chart"
	"quorumlab/sim"
	"quorumlab/sim/run"
)

// mostShown is how long a space-time diagram can be with arrows that can still be told
// apart; margin is what is shown beside the events that matter.
const (
	mostShown = 400 * time.Millisecond
	margin    = 20 * time.Millisecond
)

// FailurePicture is the path of the picture of a failure in a run's folder, without its extension.
func FailurePicture(dir string) string { return filepath.Join(dir, "plots", "failure") }

// drawFailure writes a space-time diagram of what made a run fail a check or an expectation as FailurePicture, or the
// members' roles over time if they sent no messages, like a cluster of one.
func drawFailure(dir string, j *run.Judged, failed string) error {
	r := plots.Read(j.Trace)
	r.Messages = shownWindow(j.Trace, evidence(j, failed))
	p, err := drawNamed(r, "messages")
	if errors.Is(err, chart.ErrNothing) {
		p, err = drawNamed(r, "timeline")
	}
	if err != nil {
		return err
	}
	return writePicture(FailurePicture(dir), p.SVG, p.PNG)
}

func drawNamed(r *plots.Run, name string) (plots.RunPicture, error) {
	f, err := plots.FigureNamed(name)
	if err != nil {
		return plots.RunPicture{}, err
	}
	return r.Draw(f, true)
}

// evidence are the events that prove the failure.
func evidence(j *run.Judged, failed string) []uint64 {
	for _, v := range j.Result.Verdicts {
		if v.Check == failed {
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
	for _, seq := range evidence {
		if e, ok := t.Numbered(seq); ok {
			if last == 0 || e.At < first {
				first = e.At
			}
			last = max(last, e.At)
		}
	}
	if last == 0 {
		return sim.Window{To: mostShown}
	}
	to := min(end, last+margin)
	return sim.Window{From: max(0, first-margin, to-mostShown), To: to}
}
