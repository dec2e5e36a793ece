package whatetcdis

import (
	"context"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/lessons"
	"quorumlab/sim"
	"quorumlab/sim/etcdsim/cluster"
)

// outage is what the clients of one member saw while the others died and one came back.
type outage struct {
	Probes              []probe
	Killed, Back, Again time.Duration // Again: the first put that was answered after Back
	Dead                []string
	Returned            string
}

// quorum crashes the leader and another one of three members, and brings one back,
// while clients ask the one that is left.
func quorum(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o := &lessons.Observations{}
	env.Say("three members; all clients ask one that is not the leader")
	return o, lessons.WithVirtual(ctx, lessons.Brisk(3), func(ctx context.Context, c *cluster.Real,
		_ *clientv3.Client) error {
		leader := leaderOf(c)
		last := others(c, leader)[0]
		cl, err := c.Client(last)
		if err != nil {
			return err
		}
		defer cl.Close()
		if _, err := cl.Put(ctx, "city", "Oslo"); err != nil {
			return err
		}
		out, err := breakQuorum(ctx, env, c, cl, others(c, last))
		if err != nil {
			return err
		}
		out.tell(o)
		return o.Draw(outageChart(out))
	})
}

// breakQuorum is the course of events.
func breakQuorum(ctx context.Context, env *lessons.Env, c *cluster.Real, cl *clientv3.Client,
	victims []sim.MemberID) (out *outage, err error) {
	probing, stop := context.WithCancel(ctx)
	ps, wait := tryAll(probing, cl)
	defer func() {
		stop()
		wait()
		if out != nil {
			out.Probes, _ = ps.since(0)
		}
	}()
	answered := func(p probe) bool { return p.Answered }
	if err := ps.await(ctx, 0, 5, answered); err != nil {
		return nil, err
	}
	env.Say("two of the three crash, including the leader")
	out = &outage{}
	for _, id := range victims {
		c.Member(id).Crash()
		out.Dead = append(out.Dead, c.Member(id).Name)
	}
	out.Killed = ps.now()
	if err := ps.await(ctx, out.Killed, 3, func(probe) bool { return true }); err != nil {
		return nil, err
	}
	back := c.Member(victims[1])
	env.Say("%s is started again", back.Name)
	out.Back, out.Returned = ps.now(), back.Name
	if err := back.Start(); err != nil {
		return nil, err
	}
	return out, ps.await(ctx, out.Back, 5, answered)
}

// tell adds the facts: what each operation was answered by three, by one and by two of three.
func (out *outage) tell(o *lessons.Observations) {
	var three, one, two []probe
	for _, p := range out.Probes {
		switch {
		case p.End < out.Killed:
			three = append(three, p)
		case p.Begun >= out.Back:
			two = append(two, p)
			if p.Op == "put" && p.Answered && out.Again == 0 {
				out.Again = p.End
			}
		case p.Begun >= out.Killed && p.End < out.Back:
			one = append(one, p)
		}
	}
	t := lessons.Table{Name: "quorum", Title: "What one member answers", Exact: true,
		Head: []string{"operation", "3 of 3 up", "1 of 3 up", "2 of 3 up"}}
	for _, op := range operations {
		o.Tell(op.Name+".three", outcome(three, op.Name), "a "+op.About+" with all three members up")
		o.Tell(op.Name+".one", outcome(one, op.Name), "a "+op.About+" with one of three up")
		o.Tell(op.Name+".two", outcome(two, op.Name), "a "+op.About+" after a second one is back")
		t.Rows = append(t.Rows, []string{op.About, outcome(three, op.Name), outcome(one, op.Name), outcome(two, op.Name)})
	}
	o.Tables = append(o.Tables, t)
	o.Measure("writable.after", float64(out.Again-out.Back)/float64(time.Millisecond), sim.Millis,
		"time from the second member's start until a put was answered")
}
