// Command quorumlab runs fault scenarios on simulated and on real etcd clusters.
//
// Each subcommand is one file, which registers it. This room alone deals with
// arguments, the terminal, signals and exit codes; what a subcommand does is done
// by packages that other programs can use, above all sim/run. Start reading at
// command.go, then run.go. The rules for what is printed stand in terminal.go.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"quorumlab/sim/etcdsim/cluster"
)

// gcPercent lets the heap grow to five times what lives before it is collected: a
// simulation produces much garbage next to a heap of a few megabytes, and what a user
// sets by GOGC for other programs does not matter here.
const gcPercent = 400

func main() {
	cluster.Main() // ends here in a process that is to be a member or a guard
	debug.SetGCPercent(gcPercent)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := execute(ctx, os.Args[1:], terminal())
	stop()
	os.Exit(code)
}
