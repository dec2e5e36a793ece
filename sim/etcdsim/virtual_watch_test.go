package etcdsim

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestWatchGivesUpABubbleThatStandsStill: a goroutine of it waits for a mutex that nobody in it gives back.
func TestWatchGivesUpABubbleThatStandsStill(t *testing.T) {
	var mu sync.Mutex
	mu.Lock()
	b := &bubble{over: make(chan error, 1)}
	go func() {
		b.over <- b.run(func(context.Context) error {
			waitForEver(&mu)
			return nil
		})
	}()
	err := b.watch(t.Context(), 200*time.Millisecond, nil)
	if err == nil || !strings.Contains(err.Error(), "stood still") || !strings.Contains(err.Error(), "waitForEver") {
		t.Errorf("the error is %v; it must name the goroutine", err)
	}
	mu.Unlock()
	if err := <-b.over; err != nil {
		t.Error(err)
	}
}

func waitForEver(mu *sync.Mutex) {
	mu.Lock()
	defer mu.Unlock()
}

// TestPanicInABubbleIsAnError, and so is what is left in it.
func TestPanicInABubbleIsAnError(t *testing.T) {
	b := &bubble{}
	if err := b.run(func(context.Context) error { panic("of a test") }); err == nil ||
		!strings.Contains(err.Error(), "of a test") {
		t.Errorf("the error is %v", err)
	}
}
