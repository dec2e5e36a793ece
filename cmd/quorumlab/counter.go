package main

import (
	"fmt"
	"time"

	"github.com/schollz/progressbar/v3"
)

// counter shows how many of many things are done, and how long the rest will take: a
// bar on a terminal, otherwise a line now and then. What takes less than a second
// shows nothing.
type counter struct {
	io    streams
	what  string
	total int
	count int
	start time.Time
	last  time.Time
	bar   *progressbar.ProgressBar
}

func newCounter(io streams, what string, total int) *counter {
	now := time.Now()
	return &counter{io: io, what: what, total: total, start: now, last: now}
}

// add says that n more are done.
func (c *counter) add(n int) {
	c.count += n
	now := time.Now()
	if now.Sub(c.start) < time.Second {
		return
	}
	if c.io.width > 0 {
		c.show()
		return
	}
	if now.Sub(c.last) >= lineEvery {
		c.last = now
		fmt.Fprintf(c.io.err, "%s: %d of %d trials, %s left\n", c.what, c.count, c.total, c.left(now))
	}
}

// left is how long the rest takes if it goes on like this.
func (c *counter) left(now time.Time) string {
	rest := float64(now.Sub(c.start)) / float64(max(c.count, 1)) * float64(c.total-c.count)
	return time.Duration(rest).Round(time.Second).String()
}

func (c *counter) show() {
	if c.bar == nil {
		c.bar = progressbar.NewOptions64(int64(c.total), progressbar.OptionSetWriter(c.io.err),
			progressbar.OptionSetDescription(c.what), progressbar.OptionSetWidth(max(10, c.io.width-len(c.what)-44)),
			progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true), progressbar.OptionShowElapsedTimeOnFinish(),
			progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond))
	}
	_ = c.bar.Set64(int64(c.count)) // a bar that can't be drawn is no reason to stop
}

func (c *counter) done() {
	if c.bar != nil {
		_ = c.bar.Clear()
		c.bar = nil
	}
}
