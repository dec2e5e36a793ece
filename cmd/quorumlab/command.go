package main

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/spf13/pflag"

	"quorumlab/internal/text"
	"quorumlab/sim/run"
)

// The exit codes. A run that fails its expectations still leaves its full report.
const (
	exitGood        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// command is a subcommand.
type command struct {
	name  string
	args  string // shape of the arguments, for the usage line
	about string // one line
	// flags declares the command's flags and returns what runs with their values.
	flags func(fs *pflag.FlagSet) action
}

// action does a subcommand's work. It returns errFailed when a check or an
// expectation failed, a usageError for bad input.
type action func(ctx context.Context, args []string, std streams) error

var commands = map[string]command{}

func register(c command) { commands[c.name] = c }

// errFailed ends the program with exit code 1; what failed has been printed.
var errFailed = errors.New("a check or an expectation failed")

// usageError is bad input: exit code 2.
type usageError struct {
	err  error
	hint string
}

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

func badUsage(hint, format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...), hint}
}

// execute does what a command line says and returns the exit code.
func execute(ctx context.Context, args []string, std streams) int {
	err := dispatch(ctx, args, std)
	var usage usageError
	switch {
	case err == nil:
		return exitGood
	case errors.Is(err, errFailed):
		return exitFailed
	case errors.Is(err, context.Canceled):
		printError(std.err, "interrupted", "")
		return exitInterrupted
	case errors.As(err, &usage):
		printError(std.err, usage.Error(), usage.hint)
		return exitUsage
	}
	printError(std.err, err.Error(), "")
	return exitFailed
}

func dispatch(ctx context.Context, args []string, std streams) error {
	if len(args) == 0 {
		fmt.Fprint(std.err, overview())
		return badUsage("", "a command is missing")
	}
	switch args[0] {
	case "help", "--help", "-h":
		fmt.Fprint(std.out, overview())
		return nil
	case "version", "--version":
		fmt.Fprintln(std.out, "quorumlab", version)
		return nil
	}
	c, ok := commands[args[0]]
	if !ok {
		return badUsage("quorumlab help shows the commands", "unknown command %q%s",
			args[0], text.DidYouMean(args[0], commandNames()))
	}
	fs := pflag.NewFlagSet(c.name, pflag.ContinueOnError)
	fs.SortFlags = false
	fs.Usage = func() {}
	act := c.flags(fs)
	hint := "quorumlab " + c.name + " --help shows the flags"
	if err := fs.Parse(args[1:]); errors.Is(err, pflag.ErrHelp) {
		fmt.Fprintf(std.out, "%s.\n\nquorumlab %s %s\n\n%s", c.about, c.name, c.args, fs.FlagUsagesWrapped(columns))
		return nil
	} else if err != nil {
		return usageError{err, hint}
	}
	err := act(ctx, fs.Args(), std)
	var usage usageError
	if input := new(run.InputError); errors.As(err, &input) {
		err = usageError{err, input.Hint}
	}
	if errors.As(err, &usage) && usage.hint == "" {
		usage.hint = hint
		return usage
	}
	return err
}

func commandNames() []string {
	ns := make([]string, 0, len(commands))
	for n := range commands {
		ns = append(ns, n)
	}
	sort.Strings(ns)
	return ns
}

func overview() string {
	var b strings.Builder
	b.WriteString("quorumlab runs fault scenarios on simulated and on real etcd clusters.\n\n")
	for _, n := range commandNames() {
		fmt.Fprintf(&b, "  %-10s %s\n", n, commands[n].about)
	}
	b.WriteString("\nquorumlab COMMAND --help shows a command's arguments and flags.\n")
	return b.String()
}
