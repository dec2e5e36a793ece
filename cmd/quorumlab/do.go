package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"quorumlab/sim/run"
	"quorumlab/sim/sandbox"
)

func init() {
	register(command{
		name:  "do",
		args:  `LINE...`,
		about: "Runs lines in a live sandbox, as if typed at its prompt",
		details: "Each LINE is one line, as at the prompt of up. They run one after the other; the first that fails " +
			"ends the command.",
		examples: []string{
			"quorumlab do 'crash leader' 'wait leader'",
			"quorumlab do --json status",
		},
		next: doArgs,
		flags: func(fs *pflag.FlagSet) action {
			var o doOptions
			fs.StringVar(&o.name, "name", sandbox.DefaultName, "the sandbox's name")
			fs.BoolVar(&o.wait, "wait", true, "wait until what a statement started is done, like a membership change")
			fs.BoolVar(&o.json, "json", false, "print the status as JSON")
			return o.do
		},
	})
}

type doOptions struct {
	name string
	wait bool
	json bool
}

// do has each argument carried out as one line, and stops at the first that fails.
func (o *doOptions) do(ctx context.Context, args []string, std streams) error {
	if err := checkSandboxName(o.name); err != nil {
		return err
	}
	if len(args) == 0 {
		return badUsage(`for example: quorumlab do "crash leader"`, "no statement given")
	}
	c, err := sandbox.Dial(o.name)
	var none *sandbox.NotUpError
	if errors.As(err, &none) && len(none.Up) == 0 {
		return fmt.Errorf("%w; quorumlab up starts one", err)
	}
	if err != nil {
		return err
	}
	defer c.Close()
	for _, line := range args {
		r, err := c.Do(ctx, line, o.wait)
		var bad *run.InputError
		if errors.As(err, &bad) {
			return &run.InputError{Err: err, Hint: "quorumlab do help lists the statements"}
		}
		if err != nil {
			return err
		}
		if err := o.print(r, std); err != nil {
			return err
		}
	}
	return nil
}

func (o *doOptions) print(r sandbox.Reply, std streams) error {
	switch {
	case o.json && r.Status != nil:
		return printIndented(std.out, r.Status)
	case r.Text != "":
		fmt.Fprintln(std.out, r.Text)
	}
	return nil
}
