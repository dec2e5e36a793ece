package peerlink

import (
	"math/rand/v2"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// asked is a request of member 1 to member 2 in virtual time, after prepare: what came of it, and when.
func asked(t *testing.T, prepare func(n *Network, one, two *PeerMemory)) (code int, after time.Duration, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := New(Options{Bubble: true})
		defer n.Close()
		ports := map[int]*PeerMemory{1: n.Memory(1), 2: n.Memory(2)}
		var first *Transport
		for i := 1; i <= 2; i++ {
			ports[i].Open()
			way := ports[i].Connect(Endpoint{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusTeapot)
			})})
			defer way.Stop()
			if i == 1 {
				first = way
			}
		}
		begin := time.Now()
		prepare(n, ports[1], ports[2])
		r, bad := http.NewRequest(http.MethodGet, ports[2].URL()+"/version", nil)
		if bad != nil {
			t.Fatal(bad)
		}
		resp, bad := first.RoundTrip(r)
		if err = bad; err == nil {
			code = resp.StatusCode
			resp.Body.Close()
		}
		after = time.Since(begin).Truncate(time.Microsecond) // messages arrive at moments of their own
	})
	return code, after, err
}

// A request that meets a cut link is there soon after it is healed: a leader that asks all others for their version
// before it lets go would otherwise hang for seconds by a cut of milliseconds.
func TestRequestIsSentAgainLikeTCP(t *testing.T) {
	code, after, err := asked(t, func(n *Network, _, _ *PeerMemory) {
		l := n.Link(1, 2)
		l.Set(Condition{Cut: true})
		time.AfterFunc(300*time.Millisecond, func() { l.Set(Condition{}) })
	})
	if want := 600 * time.Millisecond; code != http.StatusTeapot || err != nil || after != want { // at 0, 0.2 and 0.6 s
		t.Errorf("status %d, error %v, after %v, want %v", code, err, after, want)
	}
}

func TestRequestOverACutLinkIsGivenUp(t *testing.T) {
	_, after, err := asked(t, func(n *Network, _, _ *PeerMemory) { n.Link(2, 1).Set(Condition{Cut: true}) })
	if err == nil || after != requestPatience {
		t.Errorf("error %v after %v", err, after)
	}
}

// A member that is shut waits for nobody, even over the link of a paused one.
func TestRequestEndsWithItsSender(t *testing.T) {
	const soon = time.Second
	for name, is := range map[string]Condition{"cut": {Cut: true}, "held": {Held: true}} {
		_, after, err := asked(t, func(n *Network, one, _ *PeerMemory) {
			n.Link(1, 2).Set(is)
			time.AfterFunc(soon, one.Shut)
		})
		if err == nil || after != soon {
			t.Errorf("%s: error %v after %v", name, err, after)
		}
	}
}

// What a limit holds back leaves when it ends: a healed cluster would otherwise hear nothing of a member for as long as
// its old messages would have taken.
func TestWhatALimitHeldBackLeavesWhenItEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const delay, limited = 10 * time.Millisecond, time.Second
		l := New(Options{Bubble: true}).Link(1, 2)
		is := Condition{Delay: func(*rand.Rand) time.Duration { return delay }}
		slow := is
		slow.Rate = 1000
		l.Set(slow)
		begin := time.Now()
		var ways []passage
		for range 5 { // half a second each
			way, _ := l.send(begin, 500)
			ways = append(ways, way)
		}
		time.AfterFunc(limited, func() { l.Set(is) })
		for i, want := range []time.Duration{limited/2 + delay, limited + delay, limited + delay, limited + delay,
			limited + delay} {
			if !l.wait(t.Context(), ways[i]) || time.Since(begin) != want {
				t.Errorf("message %d arrived after %v, want %v", i, time.Since(begin), want)
			}
		}
		l.Set(slow)
		again := time.Now()
		way, _ := l.send(again, 500)
		if l.wait(t.Context(), way); time.Since(again) != limited/2+delay {
			t.Errorf("under the next limit a message took %v, as if it had to wait for those before", time.Since(again))
		}
	})
}
