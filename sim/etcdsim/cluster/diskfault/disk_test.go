package diskfault

import (
	"bytes"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

const slow = 50 * time.Millisecond

// fixed is a delay of one value.
func fixed(d time.Duration) Delay { return func(Op, int) time.Duration { return d } }

// timed runs f on the disk and tells how long it took.
func timed(d *Disk, f func()) (took time.Duration) {
	d.Run("m", func() {
		begin := time.Now()
		f()
		took = time.Since(begin)
	})
	return took
}

func fsync()  { walFsyncSec.Observe(0.001) }
func commit() { commitSec.Observe(0.001) }
func record() { walWriteSec.Observe(0.001) }

func TestAvailable(t *testing.T) {
	if err := Available(); err != nil {
		t.Fatal(err)
	}
}

func TestSlowIsAddedToEachFsync(t *testing.T) {
	var d Disk
	d.Slow(fixed(slow))
	for _, tt := range []struct {
		name  string
		op    func()
		least time.Duration
	}{{"fsync", fsync, slow}, {"commit", commit, 2 * slow}, {"inherited", inGoroutine(fsync), slow}} {
		if took := timed(&d, tt.op); took < tt.least {
			t.Errorf("%s took %v, less than %v", tt.name, took, tt.least)
		}
	}
	if n := d.fsyncCount(); n != 4 {
		t.Errorf("%d fsyncs, want 4", n)
	}
}

func inGoroutine(f func()) func() {
	return func() {
		var wg sync.WaitGroup
		wg.Go(f)
		wg.Wait()
	}
}

// The bound from above must hold for one of several tries, so that a busy machine does not break it.
func quickly(d *Disk, f func(), limit time.Duration) bool {
	for range 20 {
		if timed(d, f) < limit {
			return true
		}
	}
	return false
}

func TestOthersAreNotSlowed(t *testing.T) {
	var sick, well Disk
	sick.Slow(fixed(slow))
	timed(&sick, func() {}) // attached
	if !quickly(&well, fsync, slow) {
		t.Error("another member's disk is slow")
	}
	if !quickly(&sick, record, slow) {
		t.Error("a record that only enters the buffer is slowed")
	}
	sick.Slow(nil)
	if !quickly(&sick, fsync, slow) {
		t.Error("a healed disk is slow")
	}
}

func TestModelCountsTheMachinesOwnTime(t *testing.T) {
	var d Disk
	d.Model(fixed(slow))
	if took := timed(&d, fsync); took < slow-time.Millisecond {
		t.Errorf("an fsync took %v, less than the model's %v", took, slow)
	}
	if !quickly(&d, func() { walFsyncSec.Observe(slow.Seconds()) }, slow) {
		t.Error("the model's time was added to an fsync that had taken as long by itself")
	}
}

func TestStallHoldsUntilItEnds(t *testing.T) {
	for name, end := range map[string]func(*Disk){"unstall": (*Disk).Unstall, "detach": (*Disk).Detach} {
		t.Run(name, func(t *testing.T) {
			var d Disk
			d.Stall()
			done := make(chan struct{})
			d.Run("m", func() {
				go func() {
					commit()
					close(done)
				}()
			})
			<-d.Parked()
			select {
			case <-done:
				t.Fatal("a commit went through a stalled disk")
			default:
			}
			end(&d)
			<-done
		})
	}
}

func TestBreakStallsTheNextOperation(t *testing.T) {
	var d Disk
	broke := make(chan struct{})
	d.Break(func() { close(broke) })
	done := make(chan struct{})
	d.Run("m", func() {
		go func() {
			record()
			close(done)
		}()
	})
	<-broke
	select {
	case <-done:
		t.Fatal("the operation went through a broken disk")
	default:
	}
	d.Detach()
	<-done
}

func TestObserverSeesTheWholeTime(t *testing.T) {
	var d Disk
	var op Op
	var took time.Duration
	d.Slow(fixed(slow))
	d.Observe(func(o Op, d time.Duration) { op, took = o, d })
	timed(&d, fsync)
	if op != Fsync || took < slow {
		t.Errorf("saw %v of %v", op, took)
	}
}

func TestImageIsTheSame(t *testing.T) {
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "image")
	files := map[string][]byte{
		"small":       []byte("x"),
		"empty":       nil,
		"sub/holes":   append(append(bytes.Repeat([]byte("a"), 100<<10), make([]byte, 300<<10)...), "end"...),
		"sub/zeros":   make([]byte, 200<<10),
		"sub/endless": append([]byte("begin"), make([]byte, 70<<10)...),
	}
	if err := os.Mkdir(filepath.Join(from, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(from, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := Image(to, from); err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		if got, err := os.ReadFile(filepath.Join(to, name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, want %d; %v", name, len(got), len(want), err)
		}
	}
	if err := Image(to, from); err == nil {
		t.Error("an image was made over another one")
	}
}

func BenchmarkObserve(b *testing.B) {
	var d Disk
	d.Run("m", func() {
		for b.Loop() {
			fsync()
		}
	})
}
