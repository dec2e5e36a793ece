package world_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"quorumlab/sim/exact/world"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// probe builds the probe, as a module or natively.
func probe(t *testing.T, wasm bool) string {
	t.Helper()
	if testing.Short() {
		t.Skip("compiles a program")
	}
	out := filepath.Join(t.TempDir(), "probe")
	cmd := exec.Command("go", "build", "-trimpath", "-o", out, "./testdata/probe")
	if wasm {
		cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	}
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	return out
}

const memory = 256 << 20

func compile(t *testing.T, path string) *world.Module {
	t.Helper()
	wasm, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	m, err := world.Compile(t.Context(), wasm, world.Options{Memory: memory})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return m
}

// do runs the probe and returns what it wrote.
func do(ctx context.Context, m *world.Module, seed uint64, what string) (string, error) {
	var out bytes.Buffer
	err := m.Do(ctx, world.Job{Seed: seed, Input: []byte(what + "\n"), Output: func(b []byte) error {
		_, err := out.Write(b)
		return err
	}})
	return out.String(), err
}

// TestProbe has all that needs the compiled probe.
func TestProbe(t *testing.T) {
	path := probe(t, true)
	m := compile(t, path)
	t.Run("files", func(t *testing.T) {
		native := exec.Command(probe(t, false))
		native.Stdin = strings.NewReader("files\n")
		want, err := native.Output()
		if err != nil {
			t.Fatal(err)
		}
		got, err := do(t.Context(), m, 1, "files")
		if err != nil {
			t.Fatal(err)
		}
		// Systems have other words for errors, and Linux those of wasip1 but for capitals.
		if runtime.GOOS == "linux" && !strings.EqualFold(got, string(want)) {
			t.Errorf("in the world:\n%s\nnatively:\n%s", got, want)
		}
		if len(got) < 1000 {
			t.Errorf("the probe says too little: %s", got)
		}
	})
	t.Run("same", func(t *testing.T) {
		first, err := do(t.Context(), m, 7, "clock")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(first, "2026-01-01 00:00:00") || !strings.Contains(first, "\n1s\n") {
			t.Errorf("the clocks begin elsewhere: %s", first)
		}
		other, err := do(t.Context(), m, 8, "clock")
		if err != nil || other == first {
			t.Errorf("another seed: %v, %s", err, other)
		}
		var runs sync.WaitGroup
		for range 4 { // beside each other
			runs.Go(func() {
				if again, err := do(t.Context(), m, 7, "clock"); err != nil || again != first {
					t.Errorf("again: %v, %s, not %s", err, again, first)
				}
			})
		}
		runs.Wait()
	})
	t.Run("node", func(t *testing.T) {
		node, err := exec.LookPath("node")
		if err != nil {
			t.Skip("there is no Node.js here")
		}
		for _, what := range []string{"files", "clock", "echo\nwhat comes after"} {
			want, err := do(t.Context(), m, 7, what)
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(node, "node.mjs", path, "7")
			cmd.Stdin = strings.NewReader(what + "\n")
			got, err := cmd.Output()
			if err != nil || string(got) != want {
				t.Errorf("%s: %v: Node.js has %q, not %q", what, err, got, want)
			}
		}
		for _, what := range []string{"exit", "link"} {
			cmd := exec.Command(node, "node.mjs", path, "7")
			cmd.Stdin = strings.NewReader(what + "\n")
			if out, err := cmd.CombinedOutput(); err == nil {
				t.Errorf("%s: no error, but %s", what, out)
			}
		}
	})
	t.Run("ends", func(t *testing.T) {
		err := m.Do(t.Context(), world.Job{Input: []byte("loop\n"), Patience: 50 * time.Millisecond,
			Output: func([]byte) error { return nil }})
		if !errors.Is(err, world.ErrSilent) {
			t.Errorf("a module that loops: %v", err)
		}
		if _, err := do(t.Context(), m, 1, "memory"); !errors.Is(err, world.ErrMemory) ||
			!strings.Contains(err.Error(), "256 MB") {
			t.Errorf("a module that wants all memory: %v", err)
		}
		_, err = do(t.Context(), m, 1, "exit")
		if exit := new(world.ExitError); !errors.As(err, &exit) || exit.Code != 3 || exit.Said != "gone wrong\n" {
			t.Errorf("a module that ends itself: %v", err)
		}
		if _, err := do(t.Context(), m, 1, "link"); err == nil || !strings.Contains(err.Error(), "symbolic link") {
			t.Errorf("a module that asks for a link: %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := do(ctx, m, 1, "loop"); !errors.Is(err, context.Canceled) {
			t.Errorf("a run that is interrupted: %v", err)
		}
		full := errors.New("full")
		err = m.Do(t.Context(), world.Job{Input: []byte("echo\nx\n"), Output: func([]byte) error { return full }})
		if !errors.Is(err, full) {
			t.Errorf("nobody takes what it writes: %v", err)
		}
	})
}

// TestRefused: what a module imports and no world has is named before anything runs.
func TestRefused(t *testing.T) {
	name := func(s string) []byte { return append([]byte{byte(len(s))}, s...) }
	section := func(id byte, body []byte) []byte { return append([]byte{id, byte(len(body))}, body...) }
	imports := append([]byte{1}, append(append(name("env"), name("launch")...), 0, 0)...)
	wasm := append([]byte("\x00asm\x01\x00\x00\x00"), section(1, []byte{1, 0x60, 0, 0})...)
	wasm = append(wasm, section(2, imports)...)
	_, err := world.Compile(t.Context(), wasm, world.Options{Memory: memory})
	if err == nil || !strings.Contains(err.Error(), "env.launch") {
		t.Errorf("a module that imports what there is not: %v", err)
	}
	if _, err := world.Compile(t.Context(), []byte("no module"), world.Options{Memory: memory}); err == nil {
		t.Error("what is no module is compiled")
	}
}
