package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/pflag"
)

func init() {
	register(command{
		name:     "version",
		about:    "Shows the version of this program",
		examples: []string{"quorumlab version"},
		flags: func(*pflag.FlagSet) action {
			return func(_ context.Context, args []string, std streams) error {
				if len(args) > 0 {
					return badUsage("", "version takes no arguments, but got %q", args[0])
				}
				return printVersion(std.out)
			}
		},
	})
}

func printVersion(w io.Writer) error {
	_, err := fmt.Fprintln(w, "quorumlab", version)
	return err
}

// version is the tool's version, which every output file carries. On the sim
// engine the same scenario, seed and version give the same bytes.
const version = "0.1.0"
