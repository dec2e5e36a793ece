package whatetcdis

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/lessons"
	"quorumlab/sim/etcdsim/cluster"
)

// change is what one revision did to one key. An empty Value is a deletion.
type change struct {
	Revision   int64
	Key, Value string
}

// written is an operation on the store, and the revision that it was answered with.
type written struct {
	Text     string
	Revision int64
}

// revisions writes to a new store, looks back, and has a watch begin in the past.
func revisions(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o := &lessons.Observations{}
	env.Say("one member, a new store")
	return o, lessons.WithClient(ctx, cluster.Options{Names: []string{"n1"}},
		func(ctx context.Context, c *cluster.Real, cl *clientv3.Client) error {
			ws, err := writeSome(ctx, cl)
			if err != nil {
				return err
			}
			o.Tables = append(o.Tables, revisionTable(ws))
			o.Count("revision.new-store", float64(ws[0].Revision), "the revision of a store to which nothing has been written")
			o.Count("revision.third-put", float64(ws[3].Revision), "the revision of the third put")
			o.Count("revisions.transaction", float64(ws[4].Revision-ws[3].Revision), "how many revisions a transaction with "+
				"two puts takes")
			return errors.Join(readBack(ctx, cl, o), replay(ctx, cl, o))
		})
}

// writeSome makes four changes of two keys, one of them a transaction of two puts, and a deletion.
func writeSome(ctx context.Context, cl *clientv3.Client) ([]written, error) {
	r, err := cl.Get(ctx, "a")
	if err != nil {
		return nil, err
	}
	ws := []written{{"(nothing yet)", r.Header.Revision}}
	for _, op := range []struct {
		text string
		ops  []clientv3.Op
	}{
		{"put a 1", []clientv3.Op{clientv3.OpPut("a", "1")}},
		{"put b 1", []clientv3.Op{clientv3.OpPut("b", "1")}},
		{"put a 2", []clientv3.Op{clientv3.OpPut("a", "2")}},
		{"one transaction: put a 3, put b 2", []clientv3.Op{clientv3.OpPut("a", "3"), clientv3.OpPut("b", "2")}},
		{"delete b", []clientv3.Op{clientv3.OpDelete("b")}},
	} {
		r, err := cl.Txn(ctx).Then(op.ops...).Commit()
		if err != nil {
			return nil, err
		}
		ws = append(ws, written{op.text, r.Header.Revision})
	}
	return ws, nil
}

// revisionTable is what each operation was answered.
func revisionTable(ws []written) lessons.Table {
	t := lessons.Table{Name: "operations", Title: "Each operation's response",
		Head: []string{"operation", "revision of the store"}, Exact: true}
	for _, w := range ws {
		t.Rows = append(t.Rows, []string{w.Text, strconv.FormatInt(w.Revision, 10)})
	}
	return t
}

// readBack reads key a as it is and as it was.
func readBack(ctx context.Context, cl *clientv3.Client, o *lessons.Observations) error {
	now, err := cl.Get(ctx, "a")
	if err != nil {
		return err
	}
	kv := now.Kvs[0]
	o.Count("a.create-revision", float64(kv.CreateRevision), "the revision that created key a")
	o.Count("a.mod-revision", float64(kv.ModRevision), "the last revision that changed key a")
	o.Count("a.version", float64(kv.Version), "how often key a has been written since it was created")
	old, err := cl.Get(ctx, "a", clientv3.WithRev(3))
	if err != nil {
		return err
	}
	o.Tell("a.at-3", string(old.Kvs[0].Value), "what key a held at revision 3")
	_, err = cl.Get(ctx, "a", clientv3.WithRev(100))
	o.Tell("a.at-100", refusal(err, rpctypes.ErrFutureRev), "the response to a read at revision 100")
	return nil
}

// refusal is "answered", etcd's words for the error that was expected, or "another error".
func refusal(err, want error) string {
	switch {
	case err == nil:
		return "answered"
	case errors.Is(err, want):
		return rpctypes.ErrorDesc(want)
	}
	return "another error: " + err.Error()
}

// replay begins a watch at revision 2, when everything has happened already.
func replay(ctx context.Context, cl *clientv3.Client, o *lessons.Observations) error {
	r, err := cl.Get(ctx, "a")
	if err != nil {
		return err
	}
	seen, err := changesFrom(ctx, cl, 2, r.Header.Revision)
	if err != nil {
		return err
	}
	o.Count("watch.events", float64(len(seen)), "changes that a watch from revision 2 receives, started after all of them")
	o.Tell("watch.order", inOrder(seen), "whether the watch receives them in the order of their revisions")
	return o.DrawExact(revisionChart(seen))
}

// changesFrom has a watch of all keys tell what happened from one revision to another, which
// there is already.
func changesFrom(ctx context.Context, cl *clientv3.Client, from, to int64) (seen []change, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for r := range cl.Watch(ctx, "", clientv3.WithPrefix(), clientv3.WithRev(from)) {
		if err := r.Err(); err != nil {
			return nil, err
		}
		for _, e := range r.Events {
			seen = append(seen, change{e.Kv.ModRevision, string(e.Kv.Key), string(e.Kv.Value)})
		}
		if n := len(seen); n > 0 && seen[n-1].Revision >= to {
			return seen, nil
		}
	}
	return nil, ctx.Err()
}

func inOrder(cs []change) string {
	for i := 1; i < len(cs); i++ {
		if cs[i].Revision < cs[i-1].Revision {
			return fmt.Sprintf("no: %d after %d", cs[i].Revision, cs[i-1].Revision)
		}
	}
	return "yes"
}
