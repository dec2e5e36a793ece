package cluster

import (
	"bytes"
	"fmt"
	"os"
	"testing"
)

// state is the state of a process as the system gives it: T for a stopped one.
func state(t *testing.T, pid int) byte {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	return text[bytes.LastIndexByte(text, ')')+2]
}

func TestPauseOfAnOwnProcessIsARealStop(t *testing.T) {
	m := start(t, 1, own).Member(1)
	put(t, m, "k", "v")
	before := statusOf(m)
	if err := m.Pause(); err != nil {
		t.Fatal(err)
	}
	pid := m.PID()
	eventually(t, "the process is stopped", func() bool { return state(t, pid) == 'T' })
	if s := statusOf(m); s != before {
		t.Errorf("while it is paused it says %+v, before %+v", s, before)
	}
	m.Resume()
	eventually(t, "it goes on", func() bool { return state(t, pid) != 'T' })
	put(t, m, "k", "w")
	if err := m.Pause(); err != nil {
		t.Fatal(err)
	}
	m.Crash() // a stopped process takes no other signal but this one
	m.settle()
	if _, err := os.Stat(fmt.Sprintf("/proc/%d", pid)); !os.IsNotExist(err) {
		t.Errorf("the process that crashed is still there: %v", err)
	}
	if err := m.Start(); err != nil {
		t.Fatal(err)
	}
	if err := m.Ready(contextFor(t)); err != nil {
		t.Fatal(err)
	}
	if v := get(t, m, "k"); v != "w" {
		t.Errorf("it came back with %q", v)
	}
}
