package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"quorumlab/internal/disktest"
)

// When the disk of this machine is full, a member stops with the system's words, a snapshot and a
// restore fail and leave nothing half done, and with room again all that was acknowledged is there.
//
// The disk has room for what etcd takes to repair a log that ends in the middle of a record: a copy,
// and a database without holes.
func TestFullHostDisk(t *testing.T) {
	disktest.On(t, "64m", []string{leaky + "=1"}, func(dir string) { onFullDisk(t, dir) })
}

func onFullDisk(t *testing.T, dir string) {
	var dead obituaries
	c := start(t, 1, brisk, dead.listen, func(o *Options) { o.Dir = dir })
	m := c.Member(1)
	ballast := filepath.Join(dir, "ballast")
	whole := filepath.Join(dir, "whole.db")
	put(t, m, "k", "v")
	if _, err := c.Snapshot(contextFor(t), 1, whole); err != nil {
		t.Fatal(err)
	}
	disktest.Fill(t, ballast)
	if _, err := c.Snapshot(contextFor(t), 1, filepath.Join(dir, "part.db")); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a snapshot onto a full disk says %v", err)
	}
	if err := c.Restore(contextFor(t), whole, 0); err == nil || !strings.Contains(err.Error(), "no space left on device") {
		t.Errorf("a restore onto a full disk says %v", err)
	}
	for _, pattern := range []string{"part.db*", "member1/restored*"} {
		if left, _ := filepath.Glob(filepath.Join(dir, pattern)); len(left) > 0 {
			t.Errorf("left half done: %v", left)
		}
	}
	client := dial(t, m)
	acknowledged := 0
	for m.Up() && acknowledged < 1000 {
		disktest.Fill(t, ballast)                                        // what the attempts above gave back, too
		ctx, cancel := context.WithTimeout(contextFor(t), 3*time.Second) // a client waits for a member that is gone
		_, err := client.Put(ctx, fmt.Sprint("big", acknowledged), strings.Repeat("x", 256<<10))
		cancel()
		if err != nil {
			break
		}
		acknowledged++
	}
	if why := dead.end(t, m); !strings.Contains(why, "no space left on device") {
		t.Errorf("it says %q", why)
	}
	m.settle()
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if err := m.Start(); err != nil {
		t.Fatal(err)
	}
	if err := m.Ready(contextFor(t)); err != nil {
		log, _ := os.ReadFile(m.logFile())
		t.Fatalf("%v\n%s", err, log[max(0, len(log)-4000):])
	}
	if get(t, m, "k") != "v" {
		t.Error("what was there before is gone")
	}
	for i := range acknowledged {
		if len(get(t, m, fmt.Sprint("big", i))) != 256<<10 {
			t.Errorf("write %d of %d that were acknowledged is gone", i, acknowledged)
		}
	}
}
