package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"

	"quorumlab/plots/folders"
	"quorumlab/sim"
)

// The program is killed in the middle of a run on real members. Nothing of it may stay: no process, no
// port and no folder; and the place of its result is free.
func TestKilledRunLeavesNothing(t *testing.T) {
	for _, tt := range []struct {
		name, process string
		group         bool // all of its process group, as a terminal or a CI runner may do
	}{
		{"members inside", "shared", false},
		{"members of their own", "own", false},
		{"members of their own, whole group", "own", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tmp, out := t.TempDir(), t.TempDir()
			cmd := program(t, tmp, "run", "leader-crash", "--engine", "etcd", "--set", "run=10m", "--set", "cluster.process="+
				tt.process, "--out", out)
			ports := servingPorts(t, tmp)
			pid := cmd.Process.Pid
			if tt.group {
				pid = -pid
			}
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait() // it was killed
			leavesNothing(t, tmp, ports)
			next, err := folders.RunPlace(out, &sim.Scenario{Name: "leader-crash", Seed: 1}, "etcd").Take()
			if err != nil {
				t.Fatal(err)
			}
			if err := next.Release(); err != nil {
				t.Error(err)
			}
			if left, err := os.ReadDir(out); err != nil || len(left) > 0 {
				t.Errorf("in the result's folder: %v, %v", left, err)
			}
		})
	}
}

// Even when the guard was killed first, the members end with the program. Its folder stays until the next run.
func TestMembersEndWithTheProgram(t *testing.T) {
	tmp := t.TempDir()
	cmd := program(t, tmp, "run", "leader-crash", "--engine", "etcd", "--set", "run=10m", "--set", "cluster.process=own",
		"--write", "none")
	servingPorts(t, tmp)
	for _, pid := range processesWith(t, "TMPDIR="+tmp) {
		if title, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); bytes.HasPrefix(title, []byte("quorumlab: guard")) {
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	wait(t, "no process is left", func() string {
		if pids := processesWith(t, "TMPDIR="+tmp); len(pids) > 0 {
			return fmt.Sprint("there are ", pids)
		}
		return ""
	})
	left := temporary(t, tmp)
	if len(left) != 1 {
		t.Fatalf("it left %v, not one folder", left)
	}
	next := program(t, tmp, "run", "leader-crash", "--engine", "etcd", "--set", "run=10m", "--write", "none")
	wait(t, "the next one has a folder, and that alone", func() string {
		if now := temporary(t, tmp); len(now) != 1 || now[0] == left[0] {
			return fmt.Sprint("there are ", now)
		}
		return ""
	})
	if err := next.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = next.Wait() // it was interrupted
	leavesNothing(t, tmp, nil)
}

// The program is killed while it writes a report. Several scenarios are several chances to see it write.
func TestKilledWriteLeavesNothing(t *testing.T) {
	tmp := t.TempDir()
	out := filepath.Join(tmp, "out")
	cmd := program(t, tmp, "run", "leader-crash", "zone-outage", "wan-links", "learner-joins", "--engine", "sim", "--out",
		out)
	half := func() []string {
		found, err := filepath.Glob(filepath.Join(out, ".writing-*"))
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	wait(t, "a folder is being written", func() string {
		if len(half()) == 0 {
			return "there is none"
		}
		return ""
	})
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	wait(t, "nothing is left", func() string {
		if pids, half := processesWith(t, "TMPDIR="+tmp), half(); len(pids)+len(half) > 0 {
			return fmt.Sprint("processes ", pids, ", folders ", half)
		}
		return ""
	})
}

// program starts the program, with tmp for its temporary folders.
func program(t *testing.T, tmp string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Args[0] = "quorumlab" // see TestMain
	cmd.Dir = tmp
	cmd.Env = append(os.Environ(), "TMPDIR="+tmp)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // of a test that failed
	return cmd
}

var portInLog = regexp.MustCompile(`127\.0\.0\.1:[1-9][0-9]*`)

// servingPorts waits until three members serve clients, and lists all ports that their logs name: their
// own and those in front of them.
func servingPorts(t *testing.T, tmp string) (ports []string) {
	t.Helper()
	wait(t, "three members serve clients", func() string {
		logs, _ := filepath.Glob(filepath.Join(tmp, "quorumlab-etcd-*", "member*", "etcd.log"))
		serving := 0
		ports = nil
		for _, f := range logs {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			serving += min(1, bytes.Count(b, []byte("serving client traffic")))
			ports = append(ports, portInLog.FindAllString(string(b), -1)...)
		}
		if serving < 3 {
			return fmt.Sprint(serving, " do")
		}
		return ""
	})
	return ports
}

// leavesNothing waits until the folder is empty, no port answers, and no process has it for its
// temporary folder.
func leavesNothing(t *testing.T, folder string, ports []string) {
	t.Helper()
	wait(t, "nothing is left", func() string {
		if pids := processesWith(t, "TMPDIR="+folder); len(pids) > 0 {
			return fmt.Sprint("processes ", pids)
		}
		for _, p := range ports {
			if c, err := net.Dial("tcp", p); err == nil {
				c.Close()
				return "port " + p
			}
		}
		if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
			return fmt.Sprint("files ", left, err)
		}
		return ""
	})
}

// processesWith lists the processes that have a variable in their environment. A dead one that nobody
// has asked about has none.
func processesWith(t *testing.T, variable string) (pids []int) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			continue // it is gone, or another user's
		}
		for v := range bytes.SplitSeq(b, []byte{0}) {
			if string(v) == variable {
				pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(f))) // the pattern admits digits alone
				pids = append(pids, pid)
				break
			}
		}
	}
	return pids
}

// wait polls until what is missing is nothing.
func wait(t *testing.T, what string, missing func() string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		m := missing()
		if m == "" {
			return
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("in a minute it did not happen that %s: %s", what, m)
		}
	}
}

// temporary lists the folders of members' data.
func temporary(t *testing.T, tmp string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(tmp, "quorumlab-etcd-*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}
