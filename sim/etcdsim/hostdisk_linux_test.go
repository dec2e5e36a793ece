package etcdsim

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// tinyDisk is the environment variable that names the folder for a disk of a few megabytes.
const tinyDisk = "QUORUMLAB_TEST_TINY_DISK"

// When the disk of this machine is full, a member stops with the system's words, a snapshot and a
// restore fail and leave nothing half done, and with room again all that was acknowledged is there.
//
// The disk is a small tmpfs, which a process may mount in namespaces of its own. It has room for what
// etcd takes to repair a log that ends in the middle of a record: a copy, and a database without holes.
func TestFullHostDisk(t *testing.T) {
	if dir := os.Getenv(tinyDisk); dir != "" {
		if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64m"); err != nil {
			fmt.Println("can't mount:", err)
			return
		}
		onFullDisk(t, dir)
		return
	}
	cmd := exec.CommandContext(contextFor(t), os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), leaky+"=1", tinyDisk+"="+t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	var ended *exec.ExitError
	switch {
	case err != nil && !errors.As(err, &ended):
		t.Skip("this machine lets nobody make namespaces, which a small disk takes: ", err)
	case strings.Contains(string(out), "can't mount:"):
		t.Skipf("this machine lets nobody mount a small disk: %s", out)
	case err != nil:
		t.Fatalf("%v\n%s", err, out)
	}
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
	fillUp(t, ballast)
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
		fillUp(t, ballast)                                               // what the attempts above gave back, too
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
		log, _ := os.ReadFile(m.LogFile())
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

// fillUp writes until the disk is full.
func fillUp(t *testing.T, file string) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, size := range []int{1 << 20, 4 << 10} {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, size))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
	}
}
