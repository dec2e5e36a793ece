package main

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"quorumlab/scenarios"
	"quorumlab/sim/etcdsim/cluster"
)

// span is from where to where a number may be, both included.
type span struct{ least, most int }

func (s span) String() string { return fmt.Sprintf("%d to %d", s.least, s.most) }

// numberBounds are the bounds of every flag that takes a number, by its name. The help is made of them, and
// they refuse what lies outside. The fields of a plan have theirs in package plan.
var numberBounds = map[string]span{
	"client-port": {1, math.MaxUint16},
	"etcd-runs":   {1, 100_000},
	"jobs":        {1, 1024},
	"max-events":  {1, 1_000_000_000},
	"members":     {1, cluster.MaxMembers},
	"parallelism": {1, mostShards},
	"page-port":   {1, math.MaxUint16},
	"port":        {1, math.MaxUint16},
	"seeds":       {1, 10_000},
	"shards":      {1, mostShards},
	"sim-runs":    {1, 10_000_000},
	"trials":      {1, scenarios.MaxTrials},
}

// number declares a flag that takes a number within the bounds that the table has for its name. initial is not
// held to them: 0 means that the flag was not given.
func number(fs *pflag.FlagSet, p *int, name string, initial int, usage string) {
	bounds, ok := numberBounds[name]
	if !ok {
		panic("--" + name + " has no bounds")
	}
	*p = initial
	fs.Var(&boundedNumber{p, bounds}, name, withBounds(usage, bounds))
}

// withBounds puts the bounds into a usage, before what it has in parentheses at its end.
func withBounds(usage string, bounds span) string {
	says, more, in := strings.Cut(usage, " (")
	says += ", " + bounds.String()
	if in {
		says += " (" + more
	}
	return says
}

// boundedNumber is the value of such a flag.
type boundedNumber struct {
	is     *int
	bounds span
}

// errBounds is the error for what is no number, or not within the bounds.
var errBounds = errors.New("out of bounds")

// Set takes a number within the bounds.
func (n *boundedNumber) Set(s string) error {
	v, err := strconv.Atoi(s)
	if err != nil || v < n.bounds.least || v > n.bounds.most {
		return fmt.Errorf("%w: %q is not a whole number from %s", errBounds, s, n.bounds)
	}
	*n.is = v
	return nil
}

func (n *boundedNumber) String() string { return strconv.Itoa(*n.is) }

// Type is what the help calls the value.
func (n *boundedNumber) Type() string { return "int" }

// flagError is an error of reading flags in this house's words.
func flagError(err error) error {
	invalid := new(pflag.InvalidValueError)
	if !errors.As(err, &invalid) || !errors.Is(err, errBounds) {
		return err
	}
	_, says, _ := strings.Cut(invalid.Unwrap().Error(), ": ")
	return fmt.Errorf("--%s: %s", invalid.GetFlag().Name, says)
}
