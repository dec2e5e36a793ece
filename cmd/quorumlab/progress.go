package main

import (
	"fmt"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress shows how far a run is: a bar on a terminal, otherwise a line now and
// then. What takes less than a second shows nothing.
type progress struct {
	io    streams
	what  string
	total time.Duration
	start time.Time
	last  time.Time
	bar   *progressbar.ProgressBar
}

// lineEvery is the time between two lines where there is no terminal.
const lineEvery = 10 * time.Second

func newProgress(io streams, what string, total time.Duration) *progress {
	now := time.Now()
	return &progress{io: io, what: what, total: total, start: now, last: now}
}

// at says that the run has come to this moment of its own time.
func (p *progress) at(t time.Duration) {
	now := time.Now()
	if now.Sub(p.start) < time.Second {
		return
	}
	if p.io.width > 0 {
		p.show(t)
		return
	}
	if now.Sub(p.last) >= lineEvery {
		p.last = now
		fmt.Fprintf(p.io.err, "%s: %s of %s\n", p.what, seconds(t), seconds(p.total))
	}
}

func (p *progress) show(t time.Duration) {
	if p.bar == nil {
		p.bar = progressbar.NewOptions64(int64(p.total), progressbar.OptionSetWriter(p.io.err),
			progressbar.OptionSetDescription(p.what), progressbar.OptionSetWidth(max(10, p.io.width-len(p.what)-24)),
			progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond))
	}
	_ = p.bar.Set64(int64(min(t, p.total))) // a bar that can't be drawn is no reason to stop
}

func (p *progress) done() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
