package cluster

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"

	"quorumlab/sim"
)

// BenchmarkProcesses is what a write through one of three members costs: its time, the processor time of all
// processes together, and in the end their memory, in which what they share is counted once.
func BenchmarkProcesses(b *testing.B) {
	for _, p := range []sim.ProcessMode{sim.ProcessShared, sim.ProcessOwn} {
		b.Run(string(p), func(b *testing.B) { benchmarkProcesses(b, p) })
	}
}

func benchmarkProcesses(b *testing.B, p sim.ProcessMode) {
	c, err := New(Options{Names: names(3), Dir: b.TempDir(), Seed: 1, Processes: p})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	if err := c.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	cl, err := clientv3.New(clientv3.Config{Endpoints: []string{c.Member(1).ClientURL()}, Logger: zap.NewNop(),
		Context: b.Context()})
	if err != nil {
		b.Fatal(err)
	}
	defer cl.Close()
	pids := []int{os.Getpid()}
	for _, m := range c.Members() {
		if m.PID() != 0 {
			pids = append(pids, m.PID())
		}
	}
	before := ticks(b, pids)
	puts := 0
	for b.Loop() {
		if _, err := cl.Put(b.Context(), fmt.Sprint("k", puts%100), "v"); err != nil {
			b.Fatal(err)
		}
		puts++
	}
	const tick = 10_000 // microseconds, on every Linux
	b.ReportMetric(float64((ticks(b, pids)-before)*tick)/float64(puts), "cpu-us/op")
	b.ReportMetric(float64(pss(b, pids))/1024, "MB")
}

// ticks is the processor time of the processes, user and system.
func ticks(b *testing.B, pids []int) (sum int) {
	for _, pid := range pids {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			b.Fatal(err)
		}
		// The name in brackets may hold spaces; utime and stime are the 12th and 13th field behind it.
		fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
		for _, f := range fields[11:13] {
			n, err := strconv.Atoi(f)
			if err != nil {
				b.Fatal(err)
			}
			sum += n
		}
	}
	return sum
}

// pss is the proportional set size of the processes in kB.
func pss(b *testing.B, pids []int) (sum int) {
	for _, pid := range pids {
		f, err := os.Open(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
		if err != nil {
			b.Fatal(err)
		}
		for lines := bufio.NewScanner(f); lines.Scan(); {
			var n int
			if _, err := fmt.Sscanf(lines.Text(), "Pss: %d kB", &n); err == nil {
				sum += n
			}
		}
		f.Close()
	}
	return sum
}
