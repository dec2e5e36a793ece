package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"

	"github.com/spf13/pflag"

	"quorumlab/internal/limits"
	"quorumlab/internal/postgres"
	"quorumlab/internal/result"
	"quorumlab/internal/text"
	"quorumlab/sim/run"
)

// The exit codes. A run that fails its expectations still leaves its full report.
const (
	exitGood        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitMissing     = 3 // a program that must be installed
	exitNotRestored = 4 // a backup that could not be restored
	exitInterrupted = 130
)

// command is a subcommand.
type command struct {
	name  string
	args  string // shape of the arguments, for the usage line
	about string // one line
	// details says what the flags don't, in a few sentences; it may be empty.
	details string
	// examples are command lines that work as is, the most useful one first.
	examples []string
	// next lists what may follow the arguments, for completion; nil: files only.
	next func(args []string) []candidate
	// flags declares the command's flags and returns what runs with their values.
	flags func(fs *pflag.FlagSet) action
}

// action does a subcommand's work. It returns errFailed when a check or an
// expectation failed, a run.InputError for bad input.
type action func(ctx context.Context, args []string, std streams) error

var commands = map[string]command{}

func register(c command) { commands[c.name] = c }

// errFailed ends the program with exit code 1; what failed has been printed.
var errFailed = errors.New("a check or an expectation failed")

// badUsage is bad input: exit code 2.
func badUsage(hint, format string, args ...any) error { return run.BadInput(hint, format, args...) }

// execute runs a command line and returns the exit code.
func execute(ctx context.Context, args []string, std streams) int {
	out := &reliable{to: std.out}
	std.out, std.err = newDisplay(out), newDisplay(std.err)
	err := dispatch(ctx, args, std)
	if out.failed != nil && !errors.Is(err, out.failed) {
		err = fmt.Errorf("standard output: %w", out.failed)
	}
	var input *run.InputError
	var refused *result.PlaceError
	var kept *result.KeptError
	switch {
	case err == nil:
		return exitGood
	case errors.Is(err, context.Canceled): // first of all: what was cut short has not failed
		printError(std.err, "interrupted", "")
		return exitInterrupted
	case errors.Is(err, errFailed):
		return exitFailed
	case errors.Is(err, errNotRestored):
		return exitNotRestored
	case errors.As(err, &input):
		printError(std.err, err.Error(), input.Hint)
		return exitUsage
	case errors.As(err, &refused) && !errors.As(err, &kept):
		printError(std.err, err.Error(), refused.Hint)
		return exitUsage
	case errors.Is(err, postgres.ErrMissing):
		printError(std.err, err.Error(), "")
		return exitMissing
	}
	printError(std.err, err.Error(), limits.Helps(err.Error()))
	return exitFailed
}

// renamedFlags are flags that had another name in earlier versions, by their old names.
var renamedFlags = map[string]string{"figure": "measure"}

func dispatch(ctx context.Context, args []string, std streams) error {
	if len(args) == 0 {
		fmt.Fprint(std.err, overview())
		return badUsage("", "no command given")
	}
	switch args[0] {
	case "--help", "-h":
		fmt.Fprint(std.out, overview())
		return nil
	case "--version":
		return printVersion(std.out)
	}
	c, ok := commands[args[0]]
	if !ok {
		return badUsage("quorumlab help shows the commands", "unknown command %q%s",
			args[0], text.DidYouMean(args[0], commandNames()))
	}
	fs, act := c.parser()
	hint := "quorumlab " + c.name + " --help shows the flags"
	if !fs.HasFlags() {
		hint = "quorumlab " + c.name + " --help shows the arguments"
	}
	if err := fs.Parse(args[1:]); errors.Is(err, pflag.ErrHelp) {
		c.help(std.out)
		return nil
	} else if unknown := new(pflag.NotExistError); errors.As(err, &unknown) {
		name := unknown.GetSpecifiedName()
		if now := renamedFlags[name]; fs.Lookup(now) != nil {
			hint = fmt.Sprintf("--%s is now --%s", name, now)
		}
		return &run.InputError{Err: err, Hint: hint}
	} else if err != nil {
		return &run.InputError{Err: flagError(err), Hint: hint}
	}
	err := act(ctx, fs.Args(), std)
	if input := new(run.InputError); errors.As(err, &input) && input.Hint == "" {
		return &run.InputError{Err: err, Hint: hint}
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

// parser declares the command's flags, and returns what runs with their values.
func (c command) parser() (*pflag.FlagSet, action) {
	fs := pflag.NewFlagSet(c.name, pflag.ContinueOnError)
	fs.SortFlags = false
	fs.Usage = func() {}
	return fs, c.flags(fs)
}

// usage is the line that shows the command's arguments.
func (c command) usage() string { return strings.TrimSpace("quorumlab " + c.name + " " + c.args) }

// help writes the command's full help.
func (c command) help(w io.Writer) {
	fs, _ := c.parser()
	hanging(w, "", c.about+".")
	fmt.Fprintln(w)
	if c.args == "" {
		fmt.Fprintln(w, c.usage())
	} else {
		hanging(w, "quorumlab "+c.name+" ", c.args)
	}
	if c.details != "" {
		fmt.Fprintln(w)
		hanging(w, "", c.details)
	}
	if fs.HasFlags() {
		fmt.Fprintln(w)
		printFlags(w, fs)
	}
	fmt.Fprintf(w, "\n%s\n", map[bool]string{true: "Example:", false: "Examples:"}[len(c.examples) == 1])
	for _, e := range c.examples {
		for i, line := range commandLines(e) {
			fmt.Fprintln(w, strings.Repeat("  ", min(i, 1))+"  "+line)
		}
	}
}

// printFlags lists the flags as the man pages and the reference do: name, shape of the value, meaning, default.
func printFlags(w io.Writer, fs *pflag.FlagSet) {
	widest := 0
	fs.VisitAll(func(f *pflag.Flag) { widest = max(widest, len(f.Name+valueShape(f))) })
	fs.VisitAll(func(f *pflag.Flag) {
		hanging(w, fmt.Sprintf("      --%-*s   ", widest, f.Name+valueShape(f)), f.Usage+withDefault(f))
	})
}

// withDefault is " (default: X)", or empty if the flag has no default worth showing.
func withDefault(f *pflag.Flag) string {
	if d := defaultOf(f); d != "" {
		return " (default: " + d + ")"
	}
	return ""
}

// commandLines breaks a command that is too long for a line before a flag, as a shell takes it.
func commandLines(command string) (lines []string) {
	const room = columns - len("    ") - len(` \`)
	for len(command) > room {
		i := strings.LastIndex(command[:room], " --")
		if i <= 0 {
			break
		}
		lines, command = append(lines, command[:i]+` \`), command[i+1:]
	}
	return append(lines, command)
}

func overview() string {
	var b strings.Builder
	b.WriteString("quorumlab runs fault scenarios on simulated and on real etcd clusters.\n\n")
	for _, n := range commandNames() {
		hanging(&b, fmt.Sprintf("  %-10s ", n), commands[n].about)
	}
	b.WriteString("\nquorumlab COMMAND --help shows a command's arguments and flags,\n" +
		"quorumlab help TOPIC shows a page of the manual; without TOPIC it lists them.\n")
	return b.String()
}

// machineDefault says in words what a flag's default is where it depends on the machine, for
// pages that are the same everywhere.
func machineDefault(fs *pflag.FlagSet, name, words string) {
	if err := fs.SetAnnotation(name, defaultInWords, []string{words}); err != nil {
		panic(err)
	}
}

const defaultInWords = "default in words"

// defaultOf is a flag's default for a page, or empty if there is none worth showing.
func defaultOf(f *pflag.Flag) string {
	if words := f.Annotations[defaultInWords]; len(words) > 0 {
		return words[0]
	}
	if strings.Contains(f.Usage, "(default") || f.DefValue == "false" || f.DefValue == "[]" {
		return ""
	}
	return strings.Trim(f.DefValue, "[]")
}
