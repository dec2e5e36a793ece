package whatetcdis

import (
	"context"
	"sync"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
)

// patience is how long a probe waits for its answer.
const patience = 600 * time.Millisecond

// probe is one try of an operation. Times are since the probing began.
type probe struct {
	Op         string
	Begun, End time.Duration
	Answered   bool
}

// probes are operations that are tried again and again.
type probes struct {
	begun time.Time
	mu    sync.Mutex
	all   []probe
	news  chan struct{} // closed at the next probe's end
}

// tryAll tries each operation ten times a second, one try after the other, until the context is
// done. It returns the probes, which grow, and what waits for the last of them.
func tryAll(ctx context.Context, cl *clientv3.Client) (ps *probes, wait func()) {
	ps = &probes{begun: time.Now(), news: make(chan struct{})}
	var g sync.WaitGroup
	for _, op := range operations {
		g.Go(func() { ps.try(ctx, cl, op) })
	}
	return ps, g.Wait
}

func (ps *probes) try(ctx context.Context, cl *clientv3.Client, op operation) {
	every := time.NewTicker(100 * time.Millisecond)
	defer every.Stop()
	for {
		p := probe{Op: op.Name, Begun: time.Since(ps.begun)}
		one, cancel := context.WithTimeout(ctx, patience)
		err := op.Do(one, cl)
		cancel()
		if ctx.Err() != nil {
			return
		}
		p.End, p.Answered = time.Since(ps.begun), err == nil
		ps.add(p)
		select {
		case <-every.C:
		case <-ctx.Done():
			return
		}
	}
}

func (ps *probes) add(p probe) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.all = append(ps.all, p)
	close(ps.news)
	ps.news = make(chan struct{})
}

// now is the time since the probing began.
func (ps *probes) now() time.Duration { return time.Since(ps.begun) }

// since lists the probes that began at a time or later, and what is closed at the next one's end.
func (ps *probes) since(at time.Duration) (later []probe, news chan struct{}) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	for _, p := range ps.all {
		if p.Begun >= at {
			later = append(later, p)
		}
	}
	return later, ps.news
}

// await waits until each operation has ended n times, of those that began at a time or later
// and of which good holds. The error is the context's.
func (ps *probes) await(ctx context.Context, at time.Duration, n int, good func(probe) bool) error {
	for {
		later, news := ps.since(at)
		counts := map[string]int{}
		for _, p := range later {
			if good(p) {
				counts[p.Op]++
			}
		}
		enough := true
		for _, op := range operations {
			enough = enough && counts[op.Name] >= n
		}
		if enough {
			return nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// outcome is what became of the probes of an operation: "answers" if any was answered.
func outcome(ps []probe, op string) string {
	for _, p := range ps {
		if p.Op == op && p.Answered {
			return "answers"
		}
	}
	return "no answer"
}
