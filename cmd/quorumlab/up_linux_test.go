package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
)

// quick are the flags of a small sandbox.
func quick(args ...string) []string {
	return append([]string{"up", "--set", "cluster.heartbeat=20ms", "--set", "cluster.election=200ms", "--write", "none"},
		args...)
}

// upProgram prepares the program, with its folders below home.
func upProgram(t *testing.T, home string, args ...string) *exec.Cmd {
	t.Helper()
	tmp := filepath.Join(home, "tmp")
	if err := os.MkdirAll(tmp, 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], args...)
	cmd.Args[0] = "quorumlab" // see TestMain
	cmd.Dir = home
	cmd.Env = append(os.Environ(), "TMPDIR="+tmp, "HOME="+home, "XDG_RUNTIME_DIR="+home, "TERM=xterm")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // a crash of the test must not be an interrupt
	return cmd
}

// screen is what a program has written so far.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// until waits until the screen matches, and returns the first group.
func (s *screen) until(t *testing.T, pattern string) string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		if m := re.FindStringSubmatch(s.String()); m != nil {
			return m[len(m)-1]
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("the program never wrote %q but\n%s", pattern, s.String())
		}
	}
}

const endpoints = `ETCDCTL_ENDPOINTS=(\S+)`

// lineUp starts a sandbox that reads lines; say sends it one.
func lineUp(t *testing.T, home string, args ...string) (out *screen, say func(string), ended func() error) {
	t.Helper()
	cmd := upProgram(t, home, quick(args...)...)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out = &screen{}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // of a test that failed
	say = func(line string) {
		if _, err := io.WriteString(in, line+"\n"); err != nil {
			t.Fatal(err)
		}
	}
	return out, say, cmd.Wait
}

// etcdClient is a client as any other, of the addresses that the sandbox has printed.
func etcdClient(t *testing.T, out *screen) *clientv3.Client {
	t.Helper()
	c, err := clientv3.New(clientv3.Config{Endpoints: strings.Split(out.until(t, endpoints), ","), Logger: zap.NewNop()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// What a stock client writes is kept with --keep, and is there for the next one, at the same
// addresses; and so it is after the program was killed.
func TestKeptDataAreThereAgain(t *testing.T) {
	home := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()

	out, say, ended := lineUp(t, home, "--keep", "--dir", "data")
	if _, err := etcdClient(t, out).Put(ctx, "city", "Oslo"); err != nil {
		t.Fatal(err)
	}
	first := out.until(t, endpoints)
	say("quit")
	if err := ended(); err != nil {
		t.Fatal(err, out)
	}

	// The second one is killed while it is up.
	cmd := upProgram(t, home, quick("--from", "data", "--no-prompt")...)
	killed := &screen{}
	cmd.Stdout, cmd.Stderr = killed, killed
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	r, err := etcdClient(t, killed).Get(ctx, "city")
	if err != nil || len(r.Kvs) != 1 || string(r.Kvs[0].Value) != "Oslo" {
		t.Fatalf("city is %v (%v)", r, err)
	}
	if _, err := etcdClient(t, killed).Put(ctx, "river", "Akerselva"); err != nil {
		t.Fatal(err)
	}
	if again := killed.until(t, endpoints); again != first {
		t.Errorf("the members are at %s, and were at %s", again, first)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed

	// Its members are gone, and what it left of itself is no obstacle.
	wait(t, "the members have gone", func() string {
		for _, addr := range strings.Split(first, ",") {
			if c, err := net.Dial("tcp", addr); err == nil {
				c.Close()
				return addr + " answers"
			}
		}
		return ""
	})
	third, say, ended := lineUp(t, home, "--from", "data")
	r, err = etcdClient(t, third).Get(ctx, "river")
	if err != nil || len(r.Kvs) != 1 || string(r.Kvs[0].Value) != "Akerselva" {
		t.Errorf("river is %v (%v)", r, err)
	}
	say("quit")
	if err := ended(); err != nil {
		t.Error(err, third)
	}
}

// The prompt on a terminal: completion, history, events above the line, Ctrl-C.
func TestPrompt(t *testing.T) {
	cmd := upProgram(t, t.TempDir(), quick("--name", "tty")...)
	cmd.SysProcAttr = nil // the terminal's own session
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	out := &screen{}
	go func() { _, _ = io.Copy(out, terminal) }() // its end is an error on some systems
	keys := func(s string) {
		if _, err := io.WriteString(terminal, s); err != nil {
			t.Fatal(err)
		}
	}
	out.until(t, `leads in term`)
	out.until(t, `tty> `)
	keys("cras\tfol\tfor 100ms\r")
	out.until(t, `crash followers for 100ms`)
	out.until(t, `came back`)
	keys("sta\t\t")
	out.until(t, `stall-disk\s+status`)
	keys("\x03")
	out.until(t, `press Ctrl-C again to end`)
	keys("\x1b[A") // the line before
	out.until(t, `(?s)again to end.*crash followers for 100ms`)
	keys("\x03\x03")
	out.until(t, `progress`)
	if err := cmd.Wait(); err != nil {
		t.Fatal(err, out)
	}
}

// A killed sandbox leaves no process, port or temporary folder. Its name is free again.
func TestKilledSandboxLeavesNothing(t *testing.T) {
	home := t.TempDir()
	cmd := upProgram(t, home, quick("--no-prompt")...)
	out := &screen{}
	cmd.Stdout = out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // of a test that failed
	ports := strings.Split(out.until(t, endpoints), ",")
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	leavesNothing(t, filepath.Join(home, "tmp"), ports)

	status := upProgram(t, home, "do", "status")
	text, err := status.CombinedOutput()
	if err == nil || !strings.Contains(string(text), `no sandbox called "sandbox" is running`) {
		t.Errorf("do status: %v, %s", err, text)
	}
	next, say, ended := lineUp(t, home, "--members", "1")
	say("quit")
	if err := ended(); err != nil {
		t.Error(err, next)
	}
}

// With --tls no port of the sandbox, its members' own ones included, answers a user of the machine who has no
// certificate. Without it any of them may do everything, which is said at the start.
func TestUpAndTheOtherUsers(t *testing.T) {
	stranger := &http.Client{Transport: &http.Transport{DisableKeepAlives: true,
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	for _, tt := range []struct {
		flags  []string
		warned bool
	}{
		{nil, true},
		{[]string{"--tls"}, false},
		{[]string{"--set", "cluster.tls.clients=true"}, true}, // encrypted, but open
	} {
		t.Run(strings.Join(tt.flags, " "), func(t *testing.T) {
			home := t.TempDir()
			out, say, ended := lineUp(t, home, tt.flags...)
			out.until(t, endpoints)
			ports := servingPorts(t, filepath.Join(home, "tmp"))
			got := 0
			for _, port := range ports {
				for _, scheme := range []string{"http", "https"} {
					r, err := stranger.Get(scheme + "://" + port + "/version")
					if err != nil {
						continue
					}
					r.Body.Close()
					if r.StatusCode == http.StatusOK {
						got++
					}
				}
			}
			say("quit")
			if err := ended(); err != nil {
				t.Fatal(err, out)
			}
			if warned := strings.Contains(out.String(), "WARNING: every user"); warned != tt.warned || warned != (got > 0) {
				t.Errorf("warned: %v; %d of %d ports let a stranger in", warned, got, len(ports))
			}
		})
	}
}
