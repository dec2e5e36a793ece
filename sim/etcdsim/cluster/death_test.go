package cluster

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"go.etcd.io/etcd/client/pkg/v3/fileutil"
	"go.etcd.io/etcd/server/v3/storage/wal"

	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster/memberlog"
)

// A real error of the disk: the WAL's file is closed under etcd, which calls Fatal.
func TestFatalErrorStopsOneMember(t *testing.T) {
	var dead obituaries
	c := start(t, 3, dead.listen)
	l := leader(t, c, nil)
	store := hidden(reflect.ValueOf(l.Server()).Elem(), "r", "raftNodeConfig", "storage")
	w := hidden(store.Elem().Elem(), "w").Interface().(*wal.WAL)
	mu := hidden(reflect.ValueOf(w).Elem(), "mu").Addr().Interface().(*sync.Mutex)
	mu.Lock()
	locks := hidden(reflect.ValueOf(w).Elem(), "locks").Interface().([]*fileutil.LockedFile)
	err := locks[len(locks)-1].Close()
	mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	now := others(c, l)[0]
	put(t, now, "k", "v")
	eventually(t, "the member stops with etcd's words", func() bool {
		return strings.HasPrefix(dead.of(l), "failed to save Raft hard state and entries: ") && !l.Up()
	})
	leader(t, c, l)
	if err := l.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it comes back", func() bool { return l.Server() != nil && get(t, l, "k") == "v" })
}

// What etcd finds on its disk can end the start with an error. It keeps the member down, each time
// that it is tried.
func TestDamagedLogKeepsTheMemberDown(t *testing.T) {
	inBoth(t, func(t *testing.T, mode func(*Options)) {
		startOnDamage(t, mode, "walpb: crc mismatch", func(segment string) { flip(t, segment, "damage me") })
	})
}

// It can also end it with a Fatal. etcd then leaves a goroutine of its database behind in the process
// of the member, so the test with members inside runs in one of its own.
func TestFatalStartKeepsTheMemberDown(t *testing.T) { inBoth(t, fatalStart) }

func fatalStart(t *testing.T, mode func(*Options)) {
	o := Options{}
	mode(&o)
	if o.Processes == sim.ProcessShared && os.Getenv(leaky) == "" {
		cmd := exec.CommandContext(contextFor(t), os.Args[0], "-test.run=^TestFatalStartKeepsTheMemberDown$/^shared$")
		cmd.Env = append(os.Environ(), leaky+"="+t.TempDir())
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	in := func(o *Options) {
		mode(o)
		if o.Processes == sim.ProcessShared {
			o.Dir = os.Getenv(leaky)
		}
	}
	startOnDamage(t, in, "etcd did not start: failed to open WAL: ", func(segment string) { skip(t, segment) })
}

// leaky is the environment variable by which a test's own process may leave goroutines behind. As they may still
// write, its value is a folder for the data that the test that started the process removes.
const leaky = "QUORUMLAB_TEST_LEAKS"

func startOnDamage(t *testing.T, mode func(*Options), want string, damage func(segment string)) {
	t.Helper()
	var dead obituaries
	c := start(t, 3, mode, dead.listen)
	f := others(c, leader(t, c, nil))[0]
	put(t, f, "damage me", "v")
	f.Crash()
	f.settle()
	segments, err := filepath.Glob(filepath.Join(f.data(), "member", "wal", "*.wal"))
	if err != nil || len(segments) == 0 {
		t.Fatal(segments, err)
	}
	damage(segments[0])
	for range 2 {
		if err := f.Start(); err != nil {
			t.Fatal(err)
		}
		if why := dead.end(t, f); !strings.HasPrefix(why, want) {
			t.Errorf("etcd says %q, want %q", why, want)
		}
	}
}

// skip makes a segment the second one of which the first is missing.
func skip(t *testing.T, segment string) {
	t.Helper()
	to := filepath.Join(filepath.Dir(segment), "0000000000000001-0000000000000005.wal")
	if err := os.Rename(segment, to); err != nil {
		t.Fatal(err)
	}
}

// flip flips the bits of some text in a file.
func flip(t *testing.T, file, text string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(b, []byte(text))
	if at < 0 {
		t.Fatalf("%q is not in %s", text, file)
	}
	for i := range text {
		b[at+i] ^= 0xff
	}
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A cluster that has lost its quorum while it starts says why, and does not wait for a leader that can't come.
func TestStartEndsWithItsMembers(t *testing.T) {
	const why = "write wal: file too large"
	var c *Real
	var once sync.Once
	made := make(chan struct{})
	o := Options{Names: names(3), Dir: t.TempDir(), Seed: 1}
	quick(&o)
	o.Hooks.Fact = func(sim.MemberID, memberlog.LogFact) {
		<-made
		two, three := c.Member(2), c.Member(3)
		if a, b := two.current(), three.current(); a != nil && b != nil {
			once.Do(func() {
				two.die(a, why)
				three.die(b, why)
			})
		}
	}
	var err error
	if c, err = New(o); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
	close(made)
	if err := c.Start(contextFor(t)); err == nil || !strings.Contains(err.Error(), " died: "+why) {
		t.Errorf("the start says %v", err)
	}
}
