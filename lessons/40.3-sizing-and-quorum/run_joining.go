package sizingandquorum

import (
	"context"
	"errors"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"

	"quorumlab/lessons"
	"quorumlab/sim/etcdsim/cluster"
)

// nowhere is the address of a member that is not there: nothing can listen on it.
const nowhere = "http://127.0.0.1:1"

// moment is how long one waits for an answer that may not come.
const moment = 1500 * time.Millisecond

// joined is what a one-member cluster answers once a member has been added that does not run.
type joined struct {
	As                        string
	Add, Put, Promote, Remove string
}

// joining adds a machine that is not there, as a voter and as a learner.
func joining(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o := &lessons.Observations{}
	var js []joined
	for _, as := range []string{"voter", "learner"} {
		env.Say("one member; another is added as a %s but never started", as)
		j, err := joinedAs(ctx, as)
		if err != nil {
			return nil, err
		}
		js = append(js, j)
		o.Tell(as+".add", j.Add, "the response to adding a member as a "+as)
		o.Tell(as+".put", j.Put, "what happens to the next put")
		o.Tell(as+".promote", j.Promote, "the response to promoting it to a voter")
		o.Tell(as+".remove", j.Remove, "the response to removing it again")
	}
	return o, o.DrawExact(joiningChart(js))
}

func joinedAs(ctx context.Context, as string) (j joined, err error) {
	j.As = as
	err = lessons.WithVirtual(ctx, cluster.Options{Names: lessons.Names(1)},
		func(ctx context.Context, c *cluster.Real, cl *clientv3.Client) error {
			add := cl.MemberAdd
			if as == "learner" {
				add = cl.MemberAddAsLearner
			}
			r, err := add(ctx, []string{nowhere})
			if j.Add = answer(err); err != nil {
				return err
			}
			j.Put = ask(ctx, func(ctx context.Context) error { _, err := cl.Put(ctx, "key", "value"); return err })
			j.Promote = "promoted"
			if as == "learner" {
				j.Promote = ask(ctx, func(ctx context.Context) error { _, err := cl.MemberPromote(ctx, r.Member.ID); return err })
			}
			j.Remove = ask(ctx, func(ctx context.Context) error { _, err := cl.MemberRemove(ctx, r.Member.ID); return err })
			return ctx.Err()
		})
	return j, err
}

// ask tells what an operation is answered within a moment.
func ask(ctx context.Context, do func(ctx context.Context) error) string {
	ctx, cancel := context.WithTimeout(ctx, moment)
	defer cancel()
	return answer(do(ctx))
}

// answer is "answers", "no answer", or etcd's words.
func answer(err error) string {
	switch {
	case err == nil:
		return "answers"
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer"
	case errors.Is(err, rpctypes.ErrMemberLearnerNotReady):
		return "refused"
	}
	return err.Error()
}
