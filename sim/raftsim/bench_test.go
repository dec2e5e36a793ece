//go:build unix

package raftsim_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"runtime"
	"syscall"
	"testing"
	"time"

	"go.etcd.io/raft/v3"
	pb "go.etcd.io/raft/v3/raftpb"

	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/raftsim"
)

// BenchmarkMinute is 60 s of a cluster of five under a load of 200 operations a
// second, with the safety checks on and every event kept.
func BenchmarkMinute(b *testing.B) {
	s := base(5)
	s.Run, s.Workload.Rate, s.Workload.Clients = time.Minute, 200, 8
	events := 0
	cpu := cpuTime()
	for b.Loop() {
		events = simulate(b, s, sim.AllKinds).Len()
	}
	perRun := (cpuTime() - cpu).Seconds() / float64(b.N)
	b.ReportMetric(60/perRun, "sim-s/cpu-s")
	b.ReportMetric(perRun/float64(events)*1e9, "cpu-ns/event")
}

// BenchmarkIdle is a cluster that only keeps its leader, with ticks of 1 ms.
func BenchmarkIdle(b *testing.B) {
	for _, members := range []int{3, 5, 51} {
		b.Run(fmt.Sprint(members), func(b *testing.B) {
			s := base(members)
			s.Cluster.Election, s.Cluster.Heartbeat, s.Cluster.Tick = sim.Distribution{Lo: 150 * ms, Hi: 300 * ms}, 50*ms, ms
			s.Workload.Clients = 0
			cpu := cpuTime()
			for b.Loop() {
				simulate(b, s, sim.AllKinds)
			}
			b.ReportMetric(s.Run.Seconds()*float64(b.N)/(cpuTime()-cpu).Seconds(), "sim-s/cpu-s")
		})
	}
}

// BenchmarkAgainstBareLoop tells what the engine, with its trace and the safety
// checks, adds to what raft takes by itself: the time for an entry, as a multiple
// of a loop that passes messages between RawNodes and does nothing else. Both are
// measured in turns in processor time, and the best of each counts, so that it does
// not matter what else the machine does. A sweep's trials are checked as they run and
// keep no messages; a run that is shown keeps all, which is mostly fresh memory.
func BenchmarkAgainstBareLoop(b *testing.B) {
	for _, members := range []int{3, 5} {
		for _, inFlight := range []int{1, 64} {
			for _, kept := range []string{"all", "sweep"} {
				b.Run(fmt.Sprintf("members=%d/in-flight=%d/kept=%s", members, inFlight, kept), func(b *testing.B) {
					kinds := sim.AllKinds
					if kept == "sweep" {
						kinds &^= sim.HighRate
					}
					s := base(members)
					s.Workload = sim.Workload{Clients: inFlight, Mix: sim.Mix{Put: 1}, Keys: 64, Value: 256,
						Reads:   sim.ReadLinearizable,
						Timeout: 7 * time.Second, Via: []sim.Selector{{By: sim.ByLeader}}}
					s.Run = 20 * time.Second / time.Duration(1+inFlight/8)
					s.Cluster.ClientLink = sim.Distribution{}
					s.Cluster.Disk.Fsync = sim.Distribution{Lo: 200 * time.Microsecond, Hi: ms}
					var bare, full []time.Duration
					for b.Loop() {
						entries := 0
						full = append(full, perEntry(func() int {
							commits := &highest{}
							simulate(b, s, kinds, commits)
							entries = commits.index
							return entries
						}))
						bare = append(bare, perEntry(func() int { return bareLoop(members, inFlight, entries) }))
					}
					least := func(ds []time.Duration) time.Duration {
						best := ds[0]
						for _, d := range ds {
							best = min(best, d)
						}
						return best
					}
					b.ReportMetric(float64(least(full))/float64(least(bare)), "x-bare")
					b.ReportMetric(float64(least(full)), "cpu-ns/entry")
				})
			}
		}
	}
}

func perEntry(f func() int) time.Duration {
	runtime.GC()
	t := cpuTime()
	n := f()
	return (cpuTime() - t) / time.Duration(n)
}

// cpuTime is what the process has used, its garbage collector included.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func simulate(b *testing.B, s *sim.Scenario, kinds sim.KindSet, more ...sim.Observer) *sim.Recorder {
	rec := sim.NewRecorder(kinds, append(more, check.NewSafety())...)
	if err := (raftsim.Engine{}).Run(context.Background(), s, rec, nil); err != nil {
		b.Fatal(err)
	}
	return rec
}

// highest is how far the log of a run went.
type highest struct{ index int }

func (h *highest) Observe(e *sim.Event) {
	if e.Kind == sim.KindCommitted {
		h.index = max(h.index, int(e.Index))
	}
}

// bareLoop commits entries through RawNodes that hand each other their messages at
// once, in order, with memory for a disk.
func bareLoop(members, inFlight, entries int) int {
	l := newBare(members)
	_ = l.nodes[0].Campaign()
	l.drain(0)
	l.pass()
	l.propose(inFlight)
	for l.done < entries {
		l.pass()
		l.propose(inFlight - l.open)
	}
	return l.done
}

// quiet is raft's logger without output.
var quiet = &raft.DefaultLogger{Logger: log.New(io.Discard, "", 0)}

type bare struct {
	nodes      []*raft.RawNode
	disks      []*raft.MemoryStorage
	line       []*pb.Message
	open, done int
}

func newBare(members int) *bare {
	l := &bare{}
	first := &pb.Snapshot{Metadata: &pb.SnapshotMetadata{Index: new(uint64(1)), Term: new(uint64(1)),
		ConfState: &pb.ConfState{}}}
	for i := range members {
		first.Metadata.ConfState.Voters = append(first.Metadata.ConfState.Voters, uint64(i+1))
	}
	for i := range members {
		disk := raft.NewMemoryStorage()
		_ = disk.ApplySnapshot(first)
		node, err := raft.NewRawNode(&raft.Config{ID: uint64(i + 1), ElectionTick: 10, HeartbeatTick: 1, Storage: disk,
			Applied:       1,
			MaxSizePerMsg: 1 << 20, MaxInflightMsgs: 512, Logger: quiet})
		if err != nil {
			panic(err)
		}
		l.nodes, l.disks = append(l.nodes, node), append(l.disks, disk)
	}
	return l
}

func (l *bare) propose(n int) {
	for range n {
		_ = l.nodes[0].Propose(make([]byte, 8))
		l.open++
	}
	l.drain(0)
}

// pass delivers what is in line, and what comes of it.
func (l *bare) pass() {
	for len(l.line) > 0 {
		m := l.line[0]
		l.line = l.line[1:]
		i := int(m.GetTo() - 1)
		_ = l.nodes[i].Step(m)
		l.drain(i)
	}
}

func (l *bare) drain(i int) {
	n := l.nodes[i]
	for n.HasReady() {
		rd := n.Ready()
		_ = l.disks[i].Append(rd.Entries)
		if !raft.IsEmptyHardState(rd.HardState) {
			_ = l.disks[i].SetHardState(rd.HardState)
		}
		l.line = append(l.line, rd.Messages...)
		for _, e := range rd.CommittedEntries {
			if i == 0 && len(e.GetData()) > 0 {
				l.open--
				l.done++
			}
		}
		n.Advance(rd)
	}
}
