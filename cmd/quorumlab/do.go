package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/pflag"
)

func init() {
	register(command{
		name:  "do",
		args:  `LINE...`,
		about: "Has a sandbox that is up do what its prompt could be told",
		details: "Each LINE is one line as at the prompt of up. They run one after the other, and the first that fails " +
			"ends the command.",
		examples: []string{
			"quorumlab do 'crash leader' 'wait leader'",
			"quorumlab do --json status",
		},
		next: doArgs,
		flags: func(fs *pflag.FlagSet) action {
			var o doOptions
			fs.StringVar(&o.name, "name", defaultName, "which sandbox")
			fs.BoolVar(&o.wait, "wait", true, "wait until what a statement began is done, like a change of the members")
			fs.BoolVar(&o.json, "json", false, "print the status for programs")
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
func (o *doOptions) do(ctx context.Context, args []string, io streams) error {
	if err := checkSandboxName(o.name); err != nil {
		return err
	}
	if len(args) == 0 {
		return badUsage(`for example: quorumlab do "crash leader"`, "a statement is missing")
	}
	conn, err := reach(o.name)
	if err != nil {
		return err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	in := bufio.NewReader(conn)
	for _, line := range args {
		r, err := exchange(conn, in, line, o.wait)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return err
		}
		if err := o.print(r, io); err != nil {
			return err
		}
	}
	return nil
}

func (o *doOptions) print(r response, io streams) error {
	switch {
	case r.Usage:
		return badUsage("quorumlab do help shows what there is", "%s", r.Error)
	case r.Error != "":
		return errors.New(r.Error)
	case o.json && r.Status != nil:
		b, err := indented(r.Status)
		if err != nil {
			return err
		}
		_, err = io.out.Write(b)
		return err
	case r.Text != "":
		fmt.Fprintln(io.out, r.Text)
	}
	return nil
}
