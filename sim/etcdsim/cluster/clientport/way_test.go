package clientport

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// answering is a way to a member that answers each line with itself, and its client's end.
func answering(t *testing.T, use func(w *Way, c net.Conn, in *bufio.Reader)) {
	synctest.Test(t, func(t *testing.T) {
		p := Memory("member", 1, nil)
		ln := p.Listen()
		done := make(chan struct{})
		go func() {
			defer close(done)
			c, err := ln.Accept()
			if err != nil {
				return
			}
			defer c.Close()
			for in := bufio.NewScanner(c); in.Scan(); {
				fmt.Fprintln(c, in.Text())
			}
		}()
		w := NewWay(1, 1)
		c, err := w.Dial(context.Background(), name("n1"), p.Dial)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.RemoteAddr().String(); got != "n1" {
			t.Errorf("the connection leads to %s", got)
		}
		use(w, c, bufio.NewReader(c))
		c.Close()
		w.End()
		p.Shut()
		<-done
	})
}

// echoed is how long a line takes there and back, without the part of a microsecond that each of the four lanes on the
// way takes to keep apart what happens.
func echoed(t *testing.T, c io.Writer, in *bufio.Reader) time.Duration {
	t.Helper()
	begin := time.Now()
	fmt.Fprintln(c, "hello")
	if got, err := in.ReadString('\n'); err != nil || got != "hello\n" {
		t.Errorf("%q, %v", got, err)
	}
	return time.Since(begin).Truncate(10 * time.Microsecond)
}

func TestWayDelaysEachDirection(t *testing.T) {
	answering(t, func(w *Way, c net.Conn, in *bufio.Reader) {
		for _, tt := range []struct{ out, back, want time.Duration }{
			{0, 0, 0}, {20 * time.Millisecond, 0, 20 * time.Millisecond}, {0, 30 * time.Millisecond, 30 * time.Millisecond},
			{20 * time.Millisecond, 30 * time.Millisecond, 50 * time.Millisecond},
		} {
			w.Set(true, false, func() time.Duration { return tt.out })
			w.Set(false, false, func() time.Duration { return tt.back })
			if got := echoed(t, c, in); got != tt.want {
				t.Errorf("with %v and %v it took %v", tt.out, tt.back, got)
			}
		}
	})
}

// What a cut holds back arrives when it is over, in either direction.
func TestWayHoldsBackWhatACutStops(t *testing.T) {
	for _, out := range []bool{true, false} {
		answering(t, func(w *Way, c net.Conn, in *bufio.Reader) {
			w.Set(out, true, nil)
			time.AfterFunc(3*time.Second, func() { w.Set(out, false, nil) })
			if got := echoed(t, c, in); got != 3*time.Second {
				t.Errorf("out %v: a line took %v through a cut of 3s", out, got)
			}
		})
	}
}

// Nobody connects behind a cut, and nobody waits for ever.
func TestWayDialsBehindNoCut(t *testing.T) {
	answering(t, func(w *Way, _ net.Conn, _ *bufio.Reader) {
		w.Set(false, true, nil)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_, err := w.Dial(ctx, name("n1"), func(context.Context) (net.Conn, error) {
			t.Error("it connects through a cut")
			return nil, io.EOF
		})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}

// A connection behind a cut can be closed, and its reader hears of it at once.
func TestWayClosesBehindACut(t *testing.T) {
	answering(t, func(w *Way, c net.Conn, in *bufio.Reader) {
		w.Set(true, true, nil)
		w.Set(false, true, nil)
		fmt.Fprintln(c, "never said")
		time.AfterFunc(time.Second, func() { c.Close() })
		begin := time.Now()
		if _, err := in.ReadString('\n'); !errors.Is(err, net.ErrClosed) || time.Since(begin) != time.Second {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
	})
}
