package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"quorumlab/sim"
	"quorumlab/sim/run"
)

// Whatever runs on sim stays within the memory that its help states: a process of its own tells its peak when it has
// ended. Without a limit for the collector all but the first take more.
func TestPeakOfMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector takes memory of its own")
	}
	s := &sim.Scenario{Run: 3 * time.Minute, Workload: sim.Workload{Clients: 10, Rate: 500}}
	each := run.Memory(s)
	// What the program itself takes is less than what the tests around it take here.
	ours := max(0, peakOf(t, exitGood, "version")-versionTakes)
	for _, c := range []struct {
		name string
		most int64
		args []string
	}{
		{"a run", each, []string{"run", "many.yaml", "--write", "none"}},
		{"a run with a report", each + run.MemoryOfReport, []string{"run", "many.yaml"}},
		{"a sweep", holding(each, 20_000, 2), []string{"sweep", "many.yaml", "--trials", "4", "--jobs", "2"}},
	} {
		peak := peakOf(t, exitGood, c.args...)
		t.Logf("%s: %s of at most %s", c.name, megabytes(peak), megabytes(c.most+ours))
		if peak > c.most+ours {
			t.Errorf("%s takes %s, more than the %s that its help states", c.name, megabytes(peak), megabytes(c.most+ours))
		}
	}
}

// versionTakes is what a program takes that only tells its version, without tests around it.
const versionTakes = 50_000_000

// peakOf runs the program on the scenario and returns the most memory that it had, in bytes.
func peakOf(t *testing.T, code int, args ...string) int64 {
	t.Helper()
	tmp := t.TempDir()
	err := os.WriteFile(filepath.Join(tmp, "many.yaml"), []byte("title: many operations\nengines: [sim]\n"+
		"workload: {clients: 10, rate: 500/s}\nsteps: [{at: 5s, do: crash leader}]\nrun: 3m\n"), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	cmd := program(t, tmp, args...)
	_ = cmd.Wait() // its code says more
	if got := cmd.ProcessState.ExitCode(); got != code {
		t.Fatalf("%q ends with %d, want %d", args, got, code)
	}
	return cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss * 1024
}
