package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/internal/text"
)

var soakFor = flag.Duration("soak", 0, "how long TestSoak runs; 0: not at all")

// gauge is something that must not grow with time.
type gauge struct {
	name string
	unit float64 // what a value is divided by for people
	// share and slack are by how much the second half's median may lie above that of the first: a leak is soon more.
	share, slack float64
	values       []float64
}

// grew says by how much the gauge grew; empty: it is flat. The first quarter is left out: caches fill there.
func (g *gauge) grew() string {
	rest := g.values[len(g.values)/4:]
	first, second := middle(rest[:len(rest)/2]), middle(rest[len(rest)/2:])
	if second <= first*(1+g.share)+g.slack {
		return ""
	}
	return fmt.Sprintf("%s grew from %.1f to %.1f", g.name, first/g.unit, second/g.unit)
}

func middle(values []float64) float64 {
	values = slices.Sorted(slices.Values(values))
	return values[len(values)/2]
}

// fewestRounds are needed to tell a trend.
const fewestRounds = 8

func soakTable(gauges []*gauge) string {
	rows := [][]string{{"", "first", "median", "most", "last", ""}}
	for _, g := range gauges {
		cells := []string{g.name}
		for _, v := range []float64{g.values[0], middle(g.values), slices.Max(g.values), g.values[len(g.values)-1]} {
			cells = append(cells, fmt.Sprintf("%.1f", v/g.unit))
		}
		rows = append(rows, append(cells, map[bool]string{true: "flat", false: "GREW"}[g.grew() == ""]))
	}
	var b strings.Builder
	text.Table(&b, "", rows)
	return b.String()
}

// soak is what goes on for as long as it takes.
type soak struct {
	t     *testing.T
	home  string // of the sandbox and the sweeps
	up    int    // the sandbox's process
	etcd  *clientv3.Client
	kills int
}

// TestSoak has the engines, a sandbox with clients whose leader crashes, and sweeps that are killed and resumed go on
// for a long time, and looks at what the processes hold after each round: none of it may grow.
func TestSoak(t *testing.T) {
	if *soakFor == 0 {
		t.Skip("make soak runs it")
	}
	s := &soak{t: t, home: t.TempDir()}
	out := s.start()
	gauges := []*gauge{
		{name: "heap of the engines' process, MB", unit: 1e6, share: 0.1, slack: 4e6},
		{name: "memory of the engines' process, MB", unit: 1e6, share: 0.15, slack: 20e6},
		{name: "goroutines of the engines' process", unit: 1, slack: 2},
		{name: "descriptors of the engines' process", unit: 1, slack: 2},
		// It keeps up to a million events, some 200 MB (see docs/live-sandbox.md).
		{name: "memory of the sandbox, MB", unit: 1e6, share: 0.1, slack: 200e6},
		{name: "descriptors of the sandbox", unit: 1, slack: 4},
		{name: "memory of the three members, MB", unit: 1e6, share: 0.2, slack: 30e6},
		{name: "descriptors of the three members", unit: 1, slack: 12},
		{name: "disk of temporary files, MB", unit: 1e6, share: 0.2, slack: 70e6}, // a WAL file of etcd is 64 MB
		{name: "disk of results, kB", unit: 1e3, share: 0.05, slack: 20e3},
		{name: "processes", unit: 1},
	}
	began := time.Now()
	for rounds := 0; time.Since(began) < *soakFor || rounds < fewestRounds; rounds++ {
		s.engines()
		s.cluster()
		s.sweepKilled(rounds)
		for i, v := range s.measure() {
			gauges[i].values = append(gauges[i].values, v)
		}
	}
	t.Logf("%s, %s, %s\n%s", counted(len(gauges[0].values), "round"), time.Since(began).Round(time.Second),
		counted(s.kills, "sweep")+" killed", soakTable(gauges))
	for _, g := range gauges {
		if grew := g.grew(); grew != "" {
			t.Error(grew)
		}
	}
	s.end(out)
}

// start starts the sandbox, with clients of its own for the time being none: what others do is not in its trace.
func (s *soak) start() *screen {
	cmd := upProgram(s.t, s.home, quick("--no-prompt", "--set", "cluster.store.snapshot-count=1000")...)
	out := &screen{}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = errors.Join(cmd.Process.Kill(), cmd.Wait()) })
	s.up, s.etcd = cmd.Process.Pid, etcdClient(s.t, out)
	return out
}

// soaked expects nothing of times: the machine may be busy.
const soaked = `title: A crash
engines: [sim, etcd]
steps:
  - {at: 2s, for: 2s, do: crash leader}
run: 8s
`

// engines runs a scenario on each engine, in this process.
func (s *soak) engines() {
	file := filepath.Join(s.home, "soaked.yaml")
	if err := os.WriteFile(file, []byte(soaked), 0o600); err != nil {
		s.t.Fatal(err)
	}
	must(s.t, []string{"run", file, "--engine", "all", "--write", "none"}, exitGood, "")
}

// cluster writes to the sandbox as any client does, crashes its leader, and has it forget what is old.
func (s *soak) cluster() {
	ctx, cancel := context.WithTimeout(s.t.Context(), 5*time.Minute)
	defer cancel()
	s.do("wait leader")
	var last int64
	for i := range 500 {
		r, err := s.etcd.Put(ctx, fmt.Sprint("key-", i%50), strings.Repeat("x", 1000))
		if err != nil {
			s.t.Fatal(err)
		}
		last = r.Header.Revision
	}
	if _, err := s.etcd.Compact(ctx, last, clientv3.WithCompactPhysical()); err != nil {
		s.t.Fatal(err)
	}
	for _, e := range s.etcd.Endpoints() {
		if _, err := s.etcd.Defragment(ctx, e); err != nil {
			s.t.Fatal(err)
		}
	}
	s.do("crash leader", "wait leader", "restart crashed", "wait leader")
}

func (s *soak) do(lines ...string) {
	s.t.Helper()
	cmd := upProgram(s.t, s.home, append([]string{"do"}, lines...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("do %q: %v\n%s", lines, err, out)
	}
}

// sweepKilled starts a sweep, kills it when some of its trials are kept, and has it resumed to its end.
func (s *soak) sweepKilled(round int) {
	if err := os.RemoveAll(filepath.Join(s.home, "sweeps")); err != nil { // only the same sweep is resumed
		s.t.Fatal(err)
	}
	args := []string{"sweep", "leader-crash", "--trials", "200", "--measure", "failover", "--seed", strconv.Itoa(round),
		"--out", "sweeps", "--resume"}
	cmd := upProgram(s.t, s.home, args...)
	said := &screen{}
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for over := false; !over; {
		select {
		case err := <-ended: // it was faster
			if err != nil {
				s.t.Fatal(err, said)
			}
			return
		case <-look.C:
			kept, _ := filepath.Glob(filepath.Join(s.home, "sweeps", "*.partial", "*"))
			over = len(kept) > 0
		}
	}
	_ = cmd.Process.Kill() // unless it has just ended
	if err := <-ended; err != nil {
		s.kills++
	}
	again := upProgram(s.t, s.home, args...)
	if out, err := again.CombinedOutput(); err != nil {
		s.t.Fatalf("%v\n%s", err, out)
	}
}

// measure reads all gauges, in their order.
func (s *soak) measure() []float64 {
	runtime.GC()
	runtime.GC() // what finalizers let go
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	self := os.Getpid()
	all := processesWith(s.t, "TMPDIR="+filepath.Join(s.home, "tmp"))
	members, files := 0.0, 0.0
	for _, pid := range all {
		title, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if pid != s.up && !bytes.HasPrefix(title, []byte("quorumlab: guard")) {
			members += resident(pid)
			files += descriptors(pid)
		}
	}
	return []float64{float64(m.HeapAlloc), resident(self), float64(runtime.NumGoroutine()), descriptors(self),
		resident(s.up), descriptors(s.up), members, files, s.disk("tmp"), s.disk("sweeps"), float64(len(all))}
}

// resident is the memory of a process, in bytes; 0 if it has ended.
func resident(pid int) float64 {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	fields := strings.Fields(string(b))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseFloat(fields[1], 64) // the kernel writes numbers
	return pages * float64(os.Getpagesize())
}

func descriptors(pid int) float64 {
	list, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid)) // none if it has ended
	return float64(len(list))
}

// disk is what a folder of the soak takes, in bytes.
func (s *soak) disk(folder string) (size float64) {
	err := filepath.WalkDir(filepath.Join(s.home, folder), func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil // it is gone already
		}
		if info, err := d.Info(); err == nil {
			if is, known := info.Sys().(*syscall.Stat_t); known {
				size += float64(is.Blocks) * 512
			}
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return size
}

// end ends the sandbox: nothing of it may be left.
func (s *soak) end(out *screen) {
	s.do("quit")
	leavesNothing(s.t, filepath.Join(s.home, "tmp"), strings.Split(out.until(s.t, endpoints), ","))
}

// A leak is seen, and what moves about a level is not taken for one.
func TestSoakTellsALeak(t *testing.T) {
	for name, tt := range map[string]struct {
		of   func(i int) float64
		leak bool
	}{
		"flat":            {func(int) float64 { return 100 }, false},
		"noise":           {func(i int) float64 { return 100 + float64(i%5) }, false},
		"a warm-up":       {func(i int) float64 { return min(float64(i), 5) * 20 }, false},
		"one peak":        {func(i int) float64 { return map[bool]float64{true: 1000, false: 100}[i == 15] }, false},
		"a leak":          {func(i int) float64 { return 100 + 3*float64(i) }, true},
		"less and less":   {func(i int) float64 { return 100 - float64(i) }, false},
		"one a round":     {func(i int) float64 { return 10 + float64(i) }, true},
		"once in a while": {func(i int) float64 { return 10 + float64(i/4)*4 }, true},
	} {
		g := &gauge{name: name, unit: 1, share: 0.05, slack: 4}
		for i := range 24 {
			g.values = append(g.values, tt.of(i))
		}
		if grew := g.grew(); (grew != "") != tt.leak {
			t.Errorf("%s: %q", name, grew)
		}
	}
}
