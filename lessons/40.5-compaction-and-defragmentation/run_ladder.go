package compactionanddefragmentation

import (
	"context"
	"errors"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/lessons"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

// One key of 16 KiB is overwritten until 8 MiB are full.
const (
	ladderQuota = 8 << 20
	ladderValue = 16 << 10
)

// rung is a step of the ladder, and what a put says behind it.
type rung struct {
	name, what string
	do         func(ctx context.Context) error
	did        string // its own answer
	put        string
	size       cluster.StoreStatus
}

// ladder is a store that fills up.
type ladder struct {
	*cluster.Real
	cl     *clientv3.Client
	puts   int // until it was full
	growth []growthPoint
	rungs  []*rung
}

// growthPoint is the database after so many puts.
type growthPoint struct {
	puts int
	size cluster.StoreStatus
}

// runLadder fills a store and tries every step of the way out, with a put behind each.
func runLadder(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o := &lessons.Observations{}
	return o, lessons.WithClient(ctx, members(1, ladderQuota), func(ctx context.Context, c *cluster.Real,
		cl *clientv3.Client) error {
		l := &ladder{Real: c, cl: cl}
		env.Say("one key of 16 KiB, over and over, until 8 MiB are full")
		if err := l.fill(ctx); err != nil {
			return err
		}
		if err := l.climb(ctx, env); err != nil {
			return err
		}
		return l.tell(ctx, o)
	})
}

// fill writes until the store refuses.
func (l *ladder) fill(ctx context.Context) error {
	const look = 32
	for {
		n, err := overwrite(ctx, l.cl, look, 1, ladderValue)
		l.puts += n
		s, lookErr := l.StoreStatus(ctx, 1)
		if lookErr != nil {
			return lookErr
		}
		l.growth = append(l.growth, growthPoint{l.puts, s})
		if errors.Is(err, rpctypes.ErrNoSpace) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// climb does one step after the other. Its own answers and those of the puts are what is
// looked for; the error is ctx's, or that a size could not be asked.
func (l *ladder) climb(ctx context.Context, env *lessons.Env) error {
	l.rungs = []*rung{
		{name: "delete", what: "delete the key", do: func(ctx context.Context) error {
			_, err := l.cl.Delete(ctx, "load/0000")
			return err
		}},
		{name: "compact", what: "compact", do: func(ctx context.Context) error { return compactAll(ctx, l.Real) }},
		{name: "disarm-early", what: "disarm", do: l.Disarm},
		{name: "defrag", what: "defrag", do: func(ctx context.Context) error { return l.Defrag(ctx, 1) }},
		{name: "disarm", what: "disarm again", do: l.Disarm},
	}
	for _, r := range l.rungs {
		env.Say("%s, then a put", r.what)
		r.did = word(r.do(ctx))
		var err error
		if r.size, err = l.StoreStatus(ctx, 1); err != nil {
			return err
		}
		_, err = l.cl.Put(ctx, "small", "")
		if ctx.Err() != nil {
			return ctx.Err()
		}
		r.put = word(err)
	}
	return nil
}

// cure is the step behind which a put worked for the first time.
func (l *ladder) cure() string {
	for _, r := range l.rungs {
		if r.put == "ok" {
			return r.name
		}
	}
	return "none"
}

func (l *ladder) tell(ctx context.Context, o *lessons.Observations) error {
	full := l.growth[len(l.growth)-1].size
	o.Measure("puts", float64(l.puts), sim.Count, "puts of one key of 16 KiB until the store was full")
	o.Measure("full.size", float64(full.Size), sim.Bytes, "size of the file then, which holds one key")
	for _, r := range l.rungs {
		o.Tell(r.name, r.did, "the response to: "+r.what)
		o.Tell("put.after."+r.name, r.put, "a put after it")
		o.Measure("size."+r.name, float64(r.size.Size), sim.Bytes, "size of the file after it")
		o.Measure("in-use."+r.name, float64(r.size.InUse), sim.Bytes, "the part of it in use")
	}
	o.Tell("cure", l.cure(), "the first step after which a put works")
	before, after := "as large as before", "smaller"
	kept := before
	if l.rungs[1].size.Size < full.Size*3/4 {
		kept = after
	}
	o.Tell("file.compacted", kept, "the file after the compaction")
	_, err := l.cl.Get(ctx, "load/0000", clientv3.WithRev(5))
	o.Tell("get.at-5", word(err), "a read at revision 5, at the end")
	_, err = l.cl.Get(ctx, "load/0000")
	o.Tell("get", word(err), "a read of the current value")
	if err := ctx.Err(); err != nil {
		return err
	}
	o.Tables = append(o.Tables, l.table())
	return o.Draw(l.chart())
}

func (l *ladder) table() lessons.Table {
	t := lessons.Table{Name: "ladder", Title: "Recovering from NOSPACE", Head: []string{"step", "response", "next put",
		"file", "in use"}}
	for _, r := range l.rungs {
		t.Rows = append(t.Rows, []string{r.what, r.did, r.put, r.size.Size.Rounded(), r.size.InUse.Rounded()})
	}
	return t
}
