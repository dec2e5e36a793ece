package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
)

// The page is served until it is interrupted, which is no failure.
func TestPageIsServedUntilInterrupted(t *testing.T) {
	ctx, interrupt := context.WithCancel(context.Background())
	defer interrupt()
	in, out := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- execute(ctx, []string{"page", "testdata/traces/format-1/leader-back-sim-seed1"},
			streams{out: out, err: out})
		out.Close()
	}()
	lines := bufio.NewScanner(in)
	if !lines.Scan() || !strings.HasPrefix(lines.Text(), "http://127.0.0.1:") {
		t.Fatalf("the first line is %q", lines.Text())
	}
	url := lines.Text()
	go func() { _, _ = io.Copy(io.Discard, in) }()
	for path, want := range map[string]string{"": "Content-Security-Policy", "run.qlr": "\x1f\x8b"} {
		r, err := http.Get(url + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil || r.StatusCode != http.StatusOK || !strings.Contains(string(body), want) {
			t.Errorf("%s%s: %s, %v", url, path, r.Status, err)
		}
	}
	interrupt()
	if c := <-code; c != exitGood {
		t.Errorf("exit code %d", c)
	}
}
