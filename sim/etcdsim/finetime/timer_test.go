package finetime

import (
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func BenchmarkTimer(b *testing.B) {
	for _, d := range []time.Duration{100 * time.Microsecond, 400 * time.Microsecond, 2300 * time.Microsecond} {
		for name, timer := range map[string]func(time.Duration) *time.Timer{"fine": NewTimer, "go": time.NewTimer} {
			b.Run(name+"/"+d.String(), func(b *testing.B) {
				for b.Loop() {
					<-timer(d).C
				}
			})
		}
	}
}

// TestTimersFire sets many timers at once, the last one first, stops every third, and sees
// all others fire in order. Nothing is left behind: see TestMain.
func TestTimersFire(t *testing.T) {
	const n = 60
	timers := make([]*time.Timer, n)
	for i := n - 1; i >= 0; i-- {
		timers[i] = NewTimer(time.Duration(i) * 300 * time.Microsecond)
		if i%3 == 2 {
			timers[i].Stop()
		}
	}
	var last time.Time
	for i, timer := range timers {
		if i%3 == 2 {
			continue
		}
		at := <-timer.C
		if at.Before(last) {
			t.Errorf("timer %d fired before the one before it", i)
		}
		last = at
	}
}
