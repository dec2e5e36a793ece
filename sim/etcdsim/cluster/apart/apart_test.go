package apart

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestSourcesHaveMomentsOfTheirOwn(t *testing.T) {
	seen := map[Slot]bool{}
	note := func(s Slot) {
		if seen[s] || s < 0 || int(s) >= int(time.Microsecond) {
			t.Fatalf("source %d is taken, or no nanosecond of a microsecond", s)
		}
		seen[s] = true
	}
	for k := Message; k <= Call; k++ {
		for a := range members {
			if k > Snapshot {
				note(Of(k, a, 0))
				continue
			}
			for b := range members {
				note(Of(k, a, b))
			}
		}
	}
}

func TestAMomentIsTheNextOfItsSource(t *testing.T) {
	at := time.Date(2000, 1, 1, 0, 0, 0, 5_500, time.UTC)
	for s, want := range map[Slot]time.Duration{499: 999, 500: 0, 501: 1, 0: 500, 999: 499} {
		if got := s.After(at).Sub(at); got != want {
			t.Errorf("source %d is due after %d ns, want %d", s, got, want)
		}
	}
}

func TestThoseOfOneInstantGoInOneOrder(t *testing.T) {
	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			begin := time.Now()
			o := NewTurns(Of(Call, 1, 0))
			went := make(chan string, 10)
			all := []string{"c", "a", "d", "b"}
			for _, says := range all {
				go func() {
					o.Await([]byte(says))
					went <- fmt.Sprint(says, " ", time.Since(begin).Microseconds())
				}()
			}
			var got []string
			for range all {
				got = append(got, <-went)
			}
			if want := []string{"a 0", "b 1", "c 2", "d 3"}; !slices.Equal(got, want) {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}
