package whatetcdis

import (
	"context"
	"fmt"
	"strings"

	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/lessons"
	"quorumlab/sim/etcdsim/cluster"
)

// revisionsJudge carries the operations out on a new store and reads what came of them.
var revisionsJudge = lessons.CommandsJudge{
	Usage: []string{"put KEY VALUE", "delete KEY", "create KEY VALUE", "put-both KEY VALUE KEY VALUE"},
	Most:  30,
	Run:   judgeRevisions,
}

func judgeRevisions(ctx context.Context, env *lessons.Env, cs []lessons.Command) (ms []lessons.Mark, err error) {
	env.Say("one member, a new store")
	err = lessons.WithClient(ctx, cluster.Options{Names: []string{"n1"}},
		func(ctx context.Context, c *cluster.Real, cl *clientv3.Client) error {
			refused := carryOut(ctx, cl, cs)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			found, err := lookAt(ctx, cl)
			ms = found.marks(refused)
			return err
		})
	return ms, err
}

// carryOut stops at the first operation that etcd refuses, and tells it.
func carryOut(ctx context.Context, cl *clientv3.Client, cs []lessons.Command) error {
	for _, c := range cs {
		if _, err := transaction(ctx, cl, c).Commit(); err != nil {
			return fmt.Errorf("line %d, %q: %w", c.Line, c.Text, err)
		}
	}
	return nil
}

// transaction is a command as etcd takes it.
func transaction(ctx context.Context, cl *clientv3.Client, c lessons.Command) clientv3.Txn {
	txn := cl.Txn(ctx)
	switch c.Verb {
	case "delete":
		return txn.Then(clientv3.OpDelete(c.Args[0]))
	case "create":
		txn = txn.If(clientv3.Compare(clientv3.CreateRevision(c.Args[0]), "=", 0))
	case "put-both":
		return txn.Then(clientv3.OpPut(c.Args[0], c.Args[1]), clientv3.OpPut(c.Args[2], c.Args[3]))
	}
	return txn.Then(clientv3.OpPut(c.Args[0], c.Args[1]))
}

// store is what the task asks about.
type store struct {
	Value                          string
	Create, Mod, Version, Revision int64
	Changes                        []change // from revision watchFrom on
}

// watchFrom is where the watch of the task begins.
const watchFrom = 5

func lookAt(ctx context.Context, cl *clientv3.Client) (s store, err error) {
	r, err := cl.Get(ctx, "city")
	if err != nil {
		return s, err
	}
	s.Revision = r.Header.Revision
	if len(r.Kvs) > 0 {
		kv := r.Kvs[0]
		s.Value, s.Create, s.Mod, s.Version = string(kv.Value), kv.CreateRevision, kv.ModRevision, kv.Version
	}
	if s.Revision >= watchFrom {
		s.Changes, err = changesFrom(ctx, cl, watchFrom, s.Revision)
	}
	return s, err
}

// marks judges the store. refused is why the rest of the operations was not carried out, or nil.
func (s store) marks(refused error) []lessons.Mark {
	mark := func(ok bool, of int, what, why, hint string) lessons.Mark {
		if refused != nil {
			ok, why, hint = false, refused.Error(), "etcd rejected this operation; nothing after it was executed"
		}
		return lessons.Marked(ok, of, what, why, hint)
	}
	city := fmt.Sprintf("city is %q, created at revision %d, last changed at %d, version %d", s.Value, s.Create, s.Mod,
		s.Version)
	if s.Create == 0 {
		city = "there is no key city at the end"
	}
	var told []string
	for _, c := range s.Changes {
		told = append(told, fmt.Sprintf("%s at %d", c.Key, c.Revision))
	}
	changes := fmt.Sprintf("it receives %d: %s", len(told), strings.Join(told, ", "))
	if len(told) == 0 {
		changes = fmt.Sprintf("nothing happens at revision %d or later", watchFrom)
	}
	return []lessons.Mark{
		mark(s.Value == "Oslo", 1, "city holds Oslo", city, "the last write to city counts"),
		mark(s.Create == 4, 2, "city was created at revision 4", city, "a new store is at revision 1; each write to any "+
			"key takes the next. A key that is deleted and written again counts as newly created"),
		mark(s.Version == 3, 2, "city has version 3", city, "the version counts the writes to one key since it was created"),
		mark(s.Revision == 7, 1, "the store is at revision 7", fmt.Sprintf("it is at revision %d", s.Revision),
			"count the writes to all keys; creating a key that exists writes nothing"),
		mark(len(s.Changes) == 4, 2, "a watch on all keys from revision 5 receives 4 changes", changes,
			"there are only revisions 5, 6 and 7, so one of them has to change two keys"),
	}
}
