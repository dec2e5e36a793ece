package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/pflag"
	etcdversion "go.etcd.io/etcd/api/v3/version"

	"quorumlab/sim"
	"quorumlab/sim/exact"
	"quorumlab/sim/run"
	"quorumlab/sim/sweep"
)

func init() {
	register(command{
		name:     "version",
		about:    "Shows the version of this program",
		details:  "With --json also what it was built with and from, and the versions of the formats that it writes.",
		examples: []string{"quorumlab version", "quorumlab version --json"},
		flags: func(fs *pflag.FlagSet) action {
			asJSON := fs.Bool("json", false, "print the version, the build and the formats for programs")
			return func(_ context.Context, args []string, std streams) error {
				if len(args) > 0 {
					return badUsage("", "version takes no arguments, but got %q", args[0])
				}
				if *asJSON {
					return printIndented(std.out, stamp())
				}
				return printVersion(std.out)
			}
		},
	})
}

// stampJSON is the version with all that goes with it, behind --json (format 1).
type stampJSON struct {
	Format  int    `json:"format"`
	Version string `json:"version"`
	Go      string `json:"go"`               // of the compiler
	System  string `json:"system"`           // that it was built for, like linux/amd64
	Etcd    string `json:"etcd"`             // of the members
	Raft    string `json:"raft"`             // of the library under sim and etcd
	Trace   int    `json:"trace"`            // format of traces
	Results int    `json:"results"`          // format of the JSON of runs and plans
	Sweeps  int    `json:"sweeps"`           // format of sweeps that can be resumed and merged
	Module  string `json:"module,omitempty"` // hash of the WebAssembly module of exact runs; empty: there is none
}

func stamp() stampJSON {
	s := stampJSON{Format: 1, Version: version, Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH,
		Etcd: etcdversion.Version, Trace: sim.TraceFormat, Results: run.JSONFormat, Sweeps: sweep.Format}
	if hash, err := exact.OwnHash(); err == nil {
		s.Module = hash
	}
	if built, ok := debug.ReadBuildInfo(); ok {
		for _, d := range built.Deps {
			if d.Path == "go.etcd.io/raft/v3" {
				s.Raft = d.Version
			}
		}
	}
	return s
}

func printVersion(w io.Writer) error {
	_, err := fmt.Fprintln(w, "quorumlab", version)
	return err
}

// version is the tool's version, which every output file carries. On the sim
// engine the same scenario, seed and version give the same bytes.
const version = "0.1.0"
