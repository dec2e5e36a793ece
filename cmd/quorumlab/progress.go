package main

import (
	"cmp"
	"fmt"
	"sync"
	"time"

	"quorumlab/internal/text"
	"quorumlab/sim"

	"github.com/schollz/progressbar/v3"
)

// bar shows progress on a terminal; elsewhere it has a line written now and then.
// What takes less than a second shows nothing, and in the end nothing is left.
type bar struct {
	std   streams
	what  string
	total int64
	room  int // columns that stand beside the bar and its name
	more  []progressbar.Option

	start time.Time
	last  time.Time
	drawn *progressbar.ProgressBar
}

// lineEvery is the time between two lines where there is no terminal.
const lineEvery = 10 * time.Second

func newBar(std streams, what string, total int64, room int, more ...progressbar.Option) bar {
	now := time.Now()
	return bar{std: std, what: what, total: total, room: room, more: more, start: now, last: now}
}

// to sets the progress; line is what is said of it where there is no terminal, given the
// time that it took so far.
func (b *bar) to(n int64, line func(took time.Duration) string) {
	now := time.Now()
	took := now.Sub(b.start)
	switch {
	case took < time.Second:
	case b.std.width > 0:
		b.draw(n)
	case now.Sub(b.last) >= lineEvery:
		b.last = now
		fmt.Fprintf(b.std.err, "%s: %s\n", b.what, line(took))
	}
}

func (b *bar) draw(n int64) {
	if b.drawn == nil {
		b.drawn = progressbar.NewOptions64(b.total, append([]progressbar.Option{
			progressbar.OptionSetWriter(raw(b.std.err)), progressbar.OptionSetDescription(text.ShownLine(b.what)),
			progressbar.OptionSetWidth(max(10, b.std.width-len(b.what)-b.room)),
			progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100 * time.Millisecond)}, b.more...)...)
	}
	_ = b.drawn.Set64(min(n, b.total)) // a bar that can't be drawn is no reason to stop
}

func (b *bar) done() {
	if b.drawn != nil {
		_ = b.drawn.Clear()
		b.drawn = nil
	}
}

// progress shows how far a run is in its own time.
type progress struct{ bar }

func newProgress(std streams, what string, total time.Duration) *progress {
	return &progress{newBar(std, what, int64(total), 24)}
}

// at says that the run has come to this moment of its own time.
func (p *progress) at(t time.Duration) {
	p.to(int64(t), func(time.Duration) string {
		return sim.RoundedTime(t) + " of " + sim.RoundedTime(time.Duration(p.total))
	})
}

// counter shows how many of many trials are done, and how long the rest will take.
type counter struct {
	bar
	count int
}

func newCounter(std streams, what string, total int) *counter {
	return &counter{bar: newBar(
		std,
		what,
		int64(total),
		44,
		progressbar.OptionShowCount(),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionShowElapsedTimeOnFinish(),
	)}
}

// add says that n more are done.
func (c *counter) add(n int) {
	c.count += n
	c.to(int64(c.count), func(took time.Duration) string {
		return fmt.Sprintf("%d of %d trials, %s left", c.count, c.total, c.left(took))
	})
}

// left is how long the rest takes if it goes on like this.
func (c *counter) left(took time.Duration) time.Duration {
	rest := float64(took) / float64(max(c.count, 1)) * float64(int(c.total)-c.count)
	return time.Duration(rest).Round(time.Second)
}

// sayer tells what is going on: on a terminal in a line that the next one replaces, elsewhere in a line now and then,
// since what takes minutes would look as if it hung. Its clear must be called.
type sayer struct {
	std  streams
	what string

	mu    sync.Mutex
	words string // the last that were said
	over  chan struct{}
	told  sync.WaitGroup
}

func newSayer(std streams, what string) *sayer {
	s := &sayer{std: std, what: what, over: make(chan struct{})}
	if std.width == 0 {
		s.told.Go(s.tell)
	}
	return s
}

// tell writes a line now and then.
func (s *sayer) tell() {
	begun := time.Now()
	again := time.NewTicker(lineEvery)
	defer again.Stop()
	for {
		select {
		case <-again.C:
			s.mu.Lock()
			fmt.Fprintf(
				s.std.err,
				"%s: %s, %s so far\n",
				s.what,
				cmp.Or(s.words, "working"),
				time.Since(begun).Round(time.Second),
			)
			s.mu.Unlock()
		case <-s.over:
			return
		}
	}
}

func (s *sayer) say(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.words = text.ShownLine(fmt.Sprintf(format, args...)); s.std.width == 0 {
		return
	}
	words := []rune(text.ShownLine(s.what + ": " + s.words))
	fmt.Fprint(raw(s.std.err), clearLine+string(words[:min(len(words), s.std.width-1)]))
}

// clear ends it, and leaves nothing of the line on a terminal.
func (s *sayer) clear() {
	close(s.over)
	s.told.Wait()
	if s.std.width > 0 {
		fmt.Fprint(raw(s.std.err), clearLine)
	}
}
