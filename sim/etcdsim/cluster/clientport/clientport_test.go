package clientport

import (
	"bufio"
	"fmt"
	"net"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// echo is a server that answers each line with itself.
func echo(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				for in := bufio.NewScanner(c); in.Scan(); {
					fmt.Fprintln(c, in.Text())
				}
			}()
		}
	}()
	return ln.Addr().String()
}

func listen(t *testing.T) *ClientPort {
	t.Helper()
	p, err := Listen()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func dial(t *testing.T, p *ClientPort) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// say sends a line and returns the answer, or an error after a while.
func say(c net.Conn, line string, patience time.Duration) (string, error) {
	if line != "" {
		fmt.Fprintln(c, line)
	}
	if err := c.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return "", err
	}
	return bufio.NewReader(c).ReadString('\n')
}

const long, short = 10 * time.Second, 50 * time.Millisecond

func TestShutPortRefusesAndServingOnePasses(t *testing.T) {
	p := listen(t)
	if c, err := net.Dial("tcp", p.Addr()); err == nil { // the refusal may come a moment later
		defer c.Close()
		if got, err := say(c, "hello", long); err == nil {
			t.Errorf("a shut port answers %q", got)
		}
	}
	p.Serve(echo(t))
	c := dial(t, p)
	if got, err := say(c, "hello", long); got != "hello\n" {
		t.Errorf("%q, %v", got, err)
	}
	p.Shut()
	if got, err := say(c, "hello", long); err == nil {
		t.Errorf("a connection through a port that was shut answers %q", got)
	}
}

func TestHeldPortKeepsBytesBack(t *testing.T) {
	p := listen(t)
	p.Serve(echo(t))
	old := dial(t, p)
	if _, err := say(old, "hello", long); err != nil {
		t.Fatal(err)
	}
	p.Hold()
	fresh := dial(t, p) // is accepted
	for _, c := range []net.Conn{old, fresh} {
		if got, err := say(c, "held", short); err == nil {
			t.Errorf("a held port passes %q", got)
		}
	}
	p.Release()
	for _, c := range []net.Conn{old, fresh} {
		if got, err := say(c, "", long); got != "held\n" {
			t.Errorf("after the release: %q, %v", got, err)
		}
	}
}

func TestCloseEndsHeldConnections(t *testing.T) {
	p, err := Listen()
	if err != nil {
		t.Fatal(err)
	}
	p.Serve(echo(t))
	c := dial(t, p)
	if _, err := say(c, "hello", long); err != nil {
		t.Fatal(err)
	}
	p.Hold()
	fmt.Fprintln(c, "held")
	for range 2 {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A server that refuses a client says why and hangs up, while the client still talks: TLS does so with
// a bad certificate. The client must get to hear it. The port is held meanwhile, so that both sides'
// last words come to it at once.
func TestLastWordsArrive(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	p := listen(t)
	p.Serve(ln.Addr().String())
	for range 100 {
		client := dial(t, p)
		server, err := ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(client, "let me in")
		if got, err := say(server, "", long); got != "let me in\n" {
			t.Fatalf("the server hears %q, %v", got, err)
		}
		p.Hold()
		fmt.Fprintln(client, "please")
		fmt.Fprintln(server, "no")
		reset(server) // the client's next words have nowhere to go
		p.Release()
		if got, err := say(client, "", long); got != "no\n" {
			t.Fatalf("the client hears %q, %v", got, err)
		}
	}
}
