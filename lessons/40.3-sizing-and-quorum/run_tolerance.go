package sizingandquorum

import (
	"context"
	"fmt"
	"strings"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"golang.org/x/sync/errgroup"

	"quorumlab/lessons"
	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/etcdsim/cluster"
	"quorumlab/sim/plan"
)

// tolerance is how many members of a cluster could be killed before it took no write.
type tolerance struct {
	Members         int
	Rule, Sim, Real int // Real is -1 where it was not tried
}

// realSizes are those that are tried on real members too.
var realSizes = []int{1, 3, 4, 5}

// mostMembers is the largest cluster of the lesson.
const mostMembers = 7

// tolerances kills member after member, on the simulator and for real, and writes in between.
func tolerances(ctx context.Context, env *lessons.Env) (*lessons.Observations, error) {
	o := &lessons.Observations{}
	var ts []tolerance
	for n := 1; n <= mostMembers; n++ {
		env.Say("%d members on sim, killed one by one", n)
		k, err := toleratedOnSim(ctx, env, n)
		if err != nil {
			return nil, err
		}
		ts = append(ts, tolerance{Members: n, Rule: plan.Tolerates(n), Sim: k, Real: -1})
	}
	env.Say("1, 3, 4 and 5 real etcd servers, killed one by one")
	var g errgroup.Group
	for _, n := range realSizes {
		g.Go(func() (err error) {
			ts[n-1].Real, err = toleratedForReal(ctx, n)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	tellTolerances(o, ts)
	return o, o.DrawExact(toleranceChart(ts))
}

func tellTolerances(o *lessons.Observations, ts []tolerance) {
	t := lessons.Table{Name: "tolerance", Title: "How many members can be lost", Exact: true,
		Head: []string{"members", "quorum", "floor((n-1)/2)", "simulated", "real"}}
	agree, gained := "yes", 0
	for i, x := range ts {
		o.Count(fmt.Sprintf("tolerates.%d", x.Members), float64(x.Sim),
			fmt.Sprintf("how many of %d members could be killed on the simulator", x.Members))
		seen := ""
		if x.Real >= 0 {
			seen = fmt.Sprint(x.Real)
			o.Count(fmt.Sprintf("tolerates.%d.real", x.Members), float64(x.Real),
				fmt.Sprintf("how many of %d real members could be killed", x.Members))
		}
		if x.Sim != x.Rule || x.Real >= 0 && x.Real != x.Rule {
			agree = fmt.Sprintf("not for %d members", x.Members)
		}
		if i > 0 && x.Members%2 == 0 {
			gained += x.Sim - ts[i-1].Sim
		}
		t.Rows = append(t.Rows, []string{fmt.Sprint(x.Members), fmt.Sprint(plan.Quorum(x.Members)), fmt.Sprint(x.Rule),
			fmt.Sprint(x.Sim), seen})
	}
	o.Tell("rule", agree, "whether the result is floor((n-1)/2) for each size")
	o.Count("gained.even", float64(gained), "how many more losses 2, 4 and 6 members survive than 1, 3 and 5, in total")
	o.Tables = append(o.Tables, t)
}

// every is the time from one crash on the simulator to the next.
const every = 5 * time.Second

// killing is a scenario of n members that crash one after the other.
func killing(n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "cluster: {members: %d}\nworkload: {rate: 20/s, timeout: 2s}\nengines: [sim]\nrun: %v\nsteps:\n", n,
		every*time.Duration(n+2))
	for i := range n {
		fmt.Fprintf(&b, "  - {at: %v, do: crash n%d}\n", every*time.Duration(i+1), i+1)
	}
	return b.String()
}

// toleratedOnSim is after how many crashes writes were still acknowledged at last.
func toleratedOnSim(ctx context.Context, env *lessons.Env, n int) (int, error) {
	s, err := lessons.ScenarioRun{Name: "killing", File: []byte(killing(n))}.Load()
	if err != nil {
		return 0, err
	}
	t, _, err := lessons.RunScenario(ctx, s, "sim", env.Version)
	if err != nil {
		return 0, err
	}
	ok := check.MeasureNamed("writes.ok")
	for k := range n {
		// The last second before the next crash: by then there is a leader again, if ever.
		next := every * time.Duration(k+2)
		if v, _ := ok.Compute(t, sim.Window{From: next - time.Second, To: next}); v == 0 {
			return k, nil
		}
	}
	return n, nil
}

// patience is how long a cluster has for a put before it counts as one that takes none: many
// election timeouts of 200 ms.
const patience = 4 * time.Second

// toleratedForReal kills real etcd servers, one by one, until nothing is written.
func toleratedForReal(ctx context.Context, n int) (tolerated int, err error) {
	o := cluster.Options{Names: lessons.Names(n), Heartbeat: 20 * time.Millisecond, Election: 200 * time.Millisecond}
	err = lessons.WithVirtual(ctx, o, func(ctx context.Context, c *cluster.Real, cl *clientv3.Client) error {
		for _, m := range c.Members() {
			m.Crash()
			if tolerated == n-1 || !writable(ctx, cl) {
				return ctx.Err()
			}
			tolerated++
		}
		return nil
	})
	return tolerated, err
}

// writable tells whether a put is answered before the patience ends.
func writable(ctx context.Context, cl *clientv3.Client) bool {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return lessons.Insist(ctx, time.Second, func(ctx context.Context) error {
		_, err := cl.Put(ctx, "key", "value")
		return err
	}) == nil
}
