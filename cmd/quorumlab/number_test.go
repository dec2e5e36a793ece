package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"quorumlab/sim/plan"
)

// TestNumbersHaveBounds: no command has a number without bounds; the help tells them, and what lies outside is
// refused with the flag's name, before anything is done.
func TestNumbersHaveBounds(t *testing.T) {
	seen := map[string]bool{}
	for name, c := range commands {
		fs, _ := c.parser()
		fs.VisitAll(func(f *pflag.Flag) {
			if strings.HasPrefix(f.Value.Type(), "int") {
				if _, ok := f.Value.(*boundedNumber); !ok {
					t.Errorf("%s --%s is a number without bounds", name, f.Name)
					return
				}
				seen[f.Name] = true
				holdsBounds(t, []string{name}, f, numberBounds[f.Name])
			}
			if least, most, ok := plan.Bounds(f.Name); ok && name == "plan" {
				holdsBounds(t, []string{name}, f, span{least, most})
			}
		})
	}
	for name := range numberBounds {
		if !seen[name] {
			t.Errorf("no command has --%s", name)
		}
	}
}

func holdsBounds(t *testing.T, args []string, f *pflag.Flag, s span) {
	t.Helper()
	if !strings.Contains(f.Usage, ", "+s.String()) {
		t.Errorf("the help of %v --%s is %q; it does not say %s", args, f.Name, f.Usage, s)
	}
	for _, v := range []string{strconv.Itoa(s.least - 1), strconv.Itoa(s.most + 1), "1e30", "", "x"} {
		var out, errs bytes.Buffer
		code := execute(t.Context(), append(args, "--"+f.Name+"="+v), streams{out: &out, err: &errs})
		if code != exitUsage || !strings.Contains(errs.String(), "--"+f.Name) || out.Len() > 0 {
			t.Errorf("%v --%s=%s: exit code %d, %d bytes of output, %q", args, f.Name, v, code, out.Len(),
				errs.String())
		}
	}
}

func TestWithBounds(t *testing.T) {
	for usage, want := range map[string]string{
		"number of things":                "number of things, 1 to 5",
		"number of things (default: all)": "number of things, 1 to 5 (default: all)",
	} {
		if got := withBounds(usage, span{1, 5}); got != want {
			t.Errorf("%q became %q, not %q", usage, got, want)
		}
	}
}

// full is a standard output without room.
type full struct{}

var errFull = errors.New("no space left on device")

func (full) Write([]byte) (int, error) { return 0, errFull }

// TestFullOutputIsAnError: whatever is printed, by whatever command, does not get lost without a word.
func TestFullOutputIsAnError(t *testing.T) {
	dir := t.TempDir()
	for _, args := range [][]string{
		{"--version"}, {"--help"}, {"help"}, {"help", "first-hour"}, {"help", "crash"}, {"run", "--help"}, {"version"},
		{"list"}, {"list", "scenarios"}, {"completion", "bash"}, {"help", "sweep"}, {"plan"}, {"plan", "--json"},
		{"lesson", "list"},
		{"run", "leader-crash", "--engine", "sim", "--write", "none"},
		{"run", "leader-crash", "--engine", "sim", "--write", "none", "--json"},
		{"sweep", "leader-crash", "--trials", "2", "--out", dir},
		{"export", "leader-crash", "--to", "slurm", "--trials", "10"},
	} {
		var errs bytes.Buffer
		code := execute(t.Context(), args, streams{out: full{}, err: &errs})
		if code != exitFailed || !strings.Contains(errs.String(), errFull.Error()) {
			t.Errorf("quorumlab %v: exit code %d, %q", args, code, errs.String())
		}
	}
}

// TestInterruptIsNoFailure: what was cut short has not failed, even if some of it did.
func TestInterruptIsNoFailure(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	for _, args := range [][]string{
		{"doctor", "--dir", t.TempDir()},
		{"sweep", "leader-crash", "--trials", "5", "--out", t.TempDir()},
		{"run", "leader-crash", "--engine", "sim", "--write", "none"},
	} {
		var out, errs bytes.Buffer
		if code := execute(ctx, args, streams{out: &out, err: &errs}); code != exitInterrupted {
			t.Errorf("quorumlab %v: exit code %d, not %d: %s", args, code, exitInterrupted, fmt.Sprint(&errs))
		}
	}
}
