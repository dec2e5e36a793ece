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
// all others fire, none too early. Nothing is left behind: see TestMain.
func TestTimersFire(t *testing.T) {
	const n = 60
	timers, due := make([]*time.Timer, n), make([]time.Time, n)
	for i := n - 1; i >= 0; i-- {
		d := time.Duration(i) * 300 * time.Microsecond
		due[i] = time.Now().Add(d)
		timers[i] = NewTimer(d)
		if i%3 == 2 {
			timers[i].Stop()
		}
	}
	for i, timer := range timers {
		if i%3 == 2 {
			continue
		}
		if at := <-timer.C; at.Before(due[i]) {
			t.Errorf("timer %d fired %s too early", i, due[i].Sub(at))
		}
	}
}
