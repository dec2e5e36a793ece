package backupandrestore

import (
	"context"
	"errors"
	"fmt"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/lessons"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

// members are n of them, each in a process of its own, so that a kill is a real one.
func members(n int) cluster.Options {
	o := lessons.Brisk(n)
	o.Processes, o.Seed = sim.ProcessOwn, 1
	return o
}

// order is the key of the application's order with that number, from 1.
func order(n int) string { return fmt.Sprintf("orders/%06d", n) }

// orders is where all of them are.
const orders = "orders/"

// write puts the orders from one number to another, one after the other, each acknowledged
// before the next.
func write(ctx context.Context, cl *clientv3.Client, from, to int) error {
	for n := from; n <= to; n++ {
		if err := insist(ctx, func(ctx context.Context) error {
			_, err := cl.Put(ctx, order(n), "paid")
			return err
		}); err != nil {
			return fmt.Errorf("order %d: %w", n, err)
		}
	}
	return nil
}

// inOneGo is how many keys a transaction may write by default, or a little less.
const inOneGo = 100

// fill puts the orders from one number to another in large transactions.
func fill(ctx context.Context, cl *clientv3.Client, from, to int, value string) error {
	for from <= to {
		var puts []clientv3.Op
		for len(puts) < inOneGo && from <= to {
			puts = append(puts, clientv3.OpPut(order(from), value))
			from++
		}
		if _, err := cl.Txn(ctx).Then(puts...).Commit(); err != nil {
			return err
		}
	}
	return nil
}

// oneTry is how long one try of what has to work may take: a request to a member that is
// just being killed is never answered.
const oneTry = 3 * time.Second

// insist tries until it works or ctx ends; then the error is the last one.
func insist(ctx context.Context, do func(ctx context.Context) error) error {
	return lessons.Insist(ctx, oneTry, do)
}

// held is what the store holds: its orders and its revision.
type held struct {
	orders   int
	revision int64
	cluster  uint64 // etcd's id of it
}

// look asks what the store holds.
func look(ctx context.Context, cl *clientv3.Client) (h held, err error) {
	err = insist(ctx, func(ctx context.Context) error {
		r, err := cl.Get(ctx, orders, clientv3.WithPrefix(), clientv3.WithCountOnly())
		if err == nil {
			h = held{int(r.Count), r.Header.Revision, r.Header.ClusterId}
		}
		return err
	})
	return h, err
}

// patience is how long is waited for an answer that may never come: less than the six seconds after which etcd gives
// up on a write itself.
const patience = 4 * time.Second

// ask asks once for what may never be answered, and tells how it was answered: "answered", "timed out" or etcd's
// refusal. The error is ctx's.
func ask(ctx context.Context, do func(ctx context.Context) error) (string, error) {
	return askFor(ctx, patience, do)
}

// askFor is ask with a patience of the caller's, for what has to be answered even when the machine is busy.
func askFor(ctx context.Context, patience time.Duration, do func(ctx context.Context) error) (string, error) {
	try, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := do(try)
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err == nil:
		return answered, nil
	case try.Err() != nil || errors.Is(err, context.DeadlineExceeded):
		return timedOut, nil
	}
	return lessons.InEtcdsWords(err), nil
}

// How a request was answered, other than in etcd's words.
const (
	answered = "answered"
	timedOut = "timed out"
)
