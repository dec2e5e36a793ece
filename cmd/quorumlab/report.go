package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/pflag"

	"quorumlab/internal/result"
	"quorumlab/plots/folders"
	"quorumlab/sim"
)

func init() {
	register(command{
		name:  "report",
		args:  "TRACE | FOLDER | -",
		about: "Judges a saved trace again and writes its plots and report",
		details: "It reads a trace.jsonl file, the folder of a run, or standard input (-), and writes what the run wrote, " +
			"byte for byte. It can read traces of older versions; it refuses damaged or truncated ones and names the line.",
		examples: []string{
			"quorumlab report out/leader-crash-sim-seed1 --out again",
			"quorumlab report trace.jsonl --history --write none",
		},
		flags: func(fs *pflag.FlagSet) action {
			var o reportOptions
			fs.StringVar(&o.out, "out", "out", "folder for the run's folder")
			forceFlag(fs, &o.force)
			fs.StringSliceVar(&o.write, "write", []string{"all"}, "what to write: summary, trace, plots, report; all or none")
			fs.BoolVar(&o.history, "history", false,
				"also write history.html: the clients' operations, and an order that explains their answers")
			fs.BoolVar(&o.partial, "partial", false, "judge a trace that lacks events by what it has")
			fs.BoolVar(&o.json, "json", false, "print the result as JSON")
			number(fs, &o.events, "max-events", sim.MaxTraceEvents,
				"largest number of events to read, besides messages and log entries (each takes about 200 bytes of memory)")
			return o.run
		},
	})
}

type reportOptions struct {
	out     string
	force   bool
	write   []string
	history bool
	json    bool
	events  int
	partial bool
}

func (o *reportOptions) run(ctx context.Context, args []string, std streams) (err error) {
	want, err := wanted(o.write)
	if err != nil {
		return err
	}
	if len(args) != 1 {
		return badUsage("", "report takes one trace or one folder of a run, not %d", len(args))
	}
	s, err := folders.OpenSaved(ctx, args[0], folders.SavedOptions{Events: o.events, Partial: o.partial}, std.in)
	if err != nil {
		return err
	}
	var at *result.Taken
	if len(want) > 0 || o.history {
		to := s.Place(o.out)
		to.Force = o.force
		if at, err = to.Take(); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, at.Release()) }()
	}
	j := s.Judge()
	if err := ctx.Err(); err != nil {
		return err
	}
	left, err := s.Leave(at, j, want, o.history)
	if err != nil {
		return err
	}
	if o.json {
		err = printIndented(std.out, j.JSON())
		printNotes(std.err, s.Notes())
	} else {
		printResult(std.out, j, left)
		printNotes(std.out, s.Notes())
	}
	if err == nil && !j.OK() {
		err = errFailed
	}
	return err
}

// printNotes says what could not be had, and what else there is to know.
func printNotes(w io.Writer, notes []string) {
	for _, n := range notes {
		hanging(w, "  note      ", n)
	}
	if len(notes) > 0 {
		fmt.Fprintln(w)
	}
}
