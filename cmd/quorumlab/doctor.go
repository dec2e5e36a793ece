package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"quorumlab/internal/guard"
	"quorumlab/internal/helper"
	"quorumlab/internal/limits"
	"quorumlab/internal/postgres"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim"
	"quorumlab/sim/etcdsim/cluster"
	"quorumlab/sim/etcdsim/cluster/diskfault"
)

func init() {
	register(command{
		name:  "doctor",
		about: "Shows what this machine can do, and what helps where something is missing",
		details: "It fails if the etcd engine can't run here. A slow disk and a missing PostgreSQL are reported, but " +
			"are not failures. Set $QUORUMLAB_PG_BIN to the folder of PostgreSQL's programs if they are not found.",
		examples: []string{"quorumlab doctor --dir /var/tmp"},
		flags: func(fs *pflag.FlagSet) action {
			dir := fs.String("dir", os.TempDir(), "folder on the disk to measure: where the members' data would be")
			machineDefault(fs, "dir", "the system's temporary folder")
			return func(ctx context.Context, args []string, std streams) error {
				if len(args) > 0 {
					return badUsage("", "doctor takes no arguments, but got %q", args[0])
				}
				return doctor(ctx, *dir, std.out)
			}
		},
	})
}

// finding is the result of one examination.
type finding struct {
	what, says string
	fix        string // what to do or to install; empty: nothing, or nobody knows
	bad        bool   // the tool can't work
	warn       bool   // it can, but not well
}

// mark is the finding in a word.
func (f finding) mark() string {
	if f.warn && !f.bad {
		return "warn"
	}
	return mark(!f.bad)
}

// doctor prints the findings; a bad one makes it fail.
func doctor(ctx context.Context, dir string, w io.Writer) error {
	findings := []finding{
		{what: "quorumlab", says: version + ", " + runtime.Version() + " on " + runtime.GOOS + "/" + runtime.GOARCH},
		{what: "cores", says: fmt.Sprintf("%d", runtime.GOMAXPROCS(0))},
		openFiles(),
		ports(),
		diskRoom(dir),
		disk(ctx, dir),
		linkFaults(dir),
		diskFaults(),
		virtualTime(),
		processes(),
		kubernetesProgram(),
		etcdctl(),
		postgresql(ctx),
		members(ctx, dir),
	}
	if f, some := leftovers(dir); some {
		findings = append(findings, f)
	}
	failed := ctx.Err()
	for _, f := range findings {
		if f.bad {
			failed = errors.Join(failed, errFailed)
		}
		hanging(w, fmt.Sprintf("%-7s %-12s ", f.mark(), f.what), f.says)
		if fix := cmp.Or(f.fix, limits.Helps(f.says)); fix != "" {
			hanging(w, "                     what helps: ", fix)
		}
	}
	return failed
}

// ports checks whether members can listen and be reached on loopback.
func ports() finding {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err == nil {
		defer ln.Close()
		var c net.Conn
		if c, err = net.Dial("tcp", ln.Addr().String()); err == nil {
			c.Close()
		}
	}
	if err != nil {
		return finding{what: "loopback", says: "the etcd engine needs 127.0.0.1: " + err.Error(), bad: true,
			fix: "bring up loopback: ip link set lo up (in a container, as its administrator)"}
	}
	return finding{what: "loopback", says: "members can listen on 127.0.0.1 and be reached there"}
}

// fsyncs is how many writes disk measures, and how large each is: etcd's WAL
// pads to pages of 4 KiB.
const (
	fsyncs    = 100
	fsyncSize = 4 << 10
)

// disk measures fsync as etcd's documentation asks of a disk: the 99th percentile
// of a WAL fsync below 10 ms.
func disk(ctx context.Context, dir string) finding {
	times, err := measureFsync(ctx, dir)
	if err != nil {
		return finding{what: "disk", says: err.Error(), bad: true}
	}
	slices.Sort(times)
	rank := func(pct int) time.Duration { return times[(len(times)*pct+99)/100-1] }
	p99 := rank(99)
	says := fmt.Sprintf("fsync of 4 KiB takes %s (median), %s (90th percentile), %s (99th), %s (maximum)",
		sim.RoundedTime(rank(50)), sim.RoundedTime(rank(90)), sim.RoundedTime(p99), sim.RoundedTime(rank(100)))
	const most = 10 * time.Millisecond
	if p99 > most {
		says += "; etcd recommends less than 10ms at the 99th, so runs on the etcd engine may be slow by themselves"
	}
	f := finding{what: "disk", says: says, warn: p99 > most}
	if f.warn {
		f.fix = "set TMPDIR to a folder on another disk; on Linux /dev/shm is in memory. sim and etcd-virtual do not mind"
	}
	return f
}

func measureFsync(ctx context.Context, dir string) (times []time.Duration, err error) {
	tmp, remove, err := guard.TempDir(dir, "quorumlab-doctor-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, remove()) }()
	f, err := os.Create(filepath.Join(tmp, "wal"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	times = make([]time.Duration, 0, fsyncs)
	page := make([]byte, fsyncSize)
	for len(times) < fsyncs && ctx.Err() == nil {
		start := time.Now()
		if _, err := f.Write(page); err != nil {
			return nil, err
		}
		if err := f.Sync(); err != nil {
			return nil, err
		}
		times = append(times, time.Since(start))
	}
	return times, ctx.Err()
}

// members measures what three real members take.
func members(ctx context.Context, dir string) finding {
	meter := etcdsim.NewMachineMeter(dir, sim.Distribution{})
	err := meter.Measure(ctx)
	var m sim.Machine
	if err == nil {
		m, err = meter.Machine()
	}
	if err != nil {
		return finding{what: "members", says: err.Error(), bad: true}
	}
	return finding{what: "members", says: "three members under a hundred writes per second: " + m.String()}
}

func diskFaults() finding {
	if err := diskfault.Available(); err != nil {
		return finding{what: "disk faults", says: "not available on the etcd engine: " + err.Error()}
	}
	return finding{what: "disk faults", says: "each member on the etcd engine can have its own"}
}

// virtualTime tells whether the etcd-virtual engine works in this build.
func virtualTime() finding {
	if err := cluster.VirtualAvailable(); err != nil {
		return finding{what: "virtual time", says: "the etcd-virtual engine is not available: " + err.Error(), warn: true}
	}
	return finding{what: "virtual time", says: "the etcd-virtual engine is available"}
}

// postgresql looks for PostgreSQL's programs. It is no failure if they are missing.
func postgresql(ctx context.Context) finding {
	p, err := postgres.Find(ctx, "")
	if err != nil {
		return finding{what: "PostgreSQL", says: "needed only to run private PostgreSQL servers: " + err.Error()}
	}
	says := "private servers of version " + p.Version + " can run; the programs are in " + p.Dir
	return finding{what: "PostgreSQL", says: says}
}

// processes checks whether the program can start itself again, and stop what it started.
func processes() finding {
	g, err := guard.Start()
	if err == nil {
		err = g.Close()
	}
	says := "each etcd member can have its own (cluster.process: own)"
	switch stop := helper.CanStop(); {
	case err != nil:
		says = "the program can't start a second copy of itself to guard its temporary folders: " + err.Error()
	case stop != nil:
		says += ", but can't be paused then: " + stop.Error()
	}
	return finding{what: "processes", says: says, bad: err != nil}
}
