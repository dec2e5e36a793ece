// Command release makes a release of quorumlab from the tree that it is run in, without the network: what is
// needed is in the module cache once the programs were built.
//
//	tree ──build──▶ programs ──▶ archives, .deb packages, the workshop's bundle ──▶ SHA256SUMS
//	       list──▶ licences, bills of materials ──┘
//
// The same tree, version of Go and date give the same bytes on every machine: paths are trimmed, no state of a
// repository is stamped, and every file in an archive has the date of the release (SOURCE_DATE_EPOCH, by default
// that of the last commit). --check builds everything a second time, in a copy of the tree in another folder with an
// empty build cache, and compares.
//
// build.go runs the compiler; licenses.go and sbom.go look at what went into the programs; archive.go and deb.go
// write packages; bundle.go and manual.go put together what a workshop takes along; smoke_linux.go runs what came
// out where there is nothing else.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	if ended := inRoot(); ended { // this process was the one in an empty root
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// options are the command line.
type options struct {
	tree    string // with the programs' sources
	out     string // the folder of the release, which is emptied
	targets []target
	check   bool
	smoke   bool
}

func run(ctx context.Context, args []string) error {
	var o options
	fs := flag.NewFlagSet("release", flag.ContinueOnError)
	fs.StringVar(&o.tree, "tree", ".", "folder with the sources")
	fs.StringVar(&o.out, "out", "out/release", "folder for the release; what an earlier release left there is replaced")
	names := fs.String("targets", "linux/amd64,linux/arm64,darwin/amd64,darwin/arm64,windows/amd64,windows/arm64",
		"systems and processors, with commas")
	fs.BoolVar(
		&o.check,
		"check",
		false,
		"build twice, the second time elsewhere and from nothing, and compare the bytes",
	)
	fs.BoolVar(&o.smoke, "smoke", true, "run this machine's programs in a root that has nothing else (on Linux)")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if fs.NArg() > 0 {
		return fmt.Errorf("release takes no arguments, but got %q", fs.Arg(0))
	}
	for name := range strings.SplitSeq(*names, ",") {
		t, err := parseTarget(name)
		if err != nil {
			return err
		}
		o.targets = append(o.targets, t)
	}
	at, err := releaseDate(ctx, o.tree)
	if err != nil {
		return err
	}
	if err := makeRelease(ctx, o, at, os.Stdout); err != nil || !o.check {
		return err
	}
	return checkAgain(ctx, o, at, os.Stdout)
}

// releaseDate is the date of every file in the release: SOURCE_DATE_EPOCH, or that of the last commit. Without both, as
// in a tree that was unpacked from an archive, it is the first day that a zip file can tell.
func releaseDate(ctx context.Context, tree string) (time.Time, error) {
	const variable = "SOURCE_DATE_EPOCH"
	said := os.Getenv(variable)
	if said == "" {
		out, err := output(ctx, tree, nil, "git", "log", "-1", "--format=%ct")
		if err != nil && ctx.Err() != nil {
			return time.Time{}, ctx.Err()
		}
		said = strings.TrimSpace(string(out))
	}
	first := time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
	if said == "" {
		return first, nil
	}
	seconds, err := strconv.ParseInt(said, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s: %q is not a number of seconds since 1970", variable, said)
	}
	at := time.Unix(seconds, 0).UTC()
	if at.Before(first) {
		return first, nil
	}
	return at, nil
}

// errDiffers is the error of a release that does not come out the same again.
var errDiffers = errors.New("the release is not reproducible")
