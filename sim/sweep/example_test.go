package sweep_test

import (
	"context"
	"fmt"
	"os"

	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/raftsim"
	"quorumlab/sim/sweep"
)

// A sweep of 20 trials for each of two cluster sizes, from another Go program: the failover after a
// leader's crash.
func Example() {
	dir, err := os.MkdirTemp("", "sweep")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)

	name, source, err := scenarios.Open("leader-crash")
	if err != nil {
		fmt.Println(err)
		return
	}
	failover, err := check.ParseReading("failover")
	if err != nil {
		fmt.Println(err)
		return
	}
	size, err := sweep.ParseAxis("cluster.members=3,5")
	if err != nil {
		fmt.Println(err)
		return
	}
	axes := []sim.SweepAxis{size}
	design := &sweep.Design{
		Format: sweep.Format, Scenario: "leader-crash", Load: name, Source: string(source), Seed: 1,
		Measures: sweep.Readings{failover}, Axes: axes, Variations: sweep.Cross(axes, 20), Shard: 1, Shards: 1,
	}
	trials, err := sweep.NewTrials(design, scenarios.ParseWith, raftsim.Engine{})
	if err != nil {
		fmt.Println(err)
		return
	}
	work, err := sweep.OpenWork(dir, design, sweep.Opening{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := work.RunAll(context.Background(), trials, 2, nil); err != nil {
		fmt.Println(err)
		return
	}
	summary, err := work.Conclude(context.Background(), trials, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range summary.Variations {
		m := v.Measures[0]
		fmt.Printf("%s: %s of %d trials, p50 between 1 s and 2 s: %t\n", v.Name, m.Reading, m.N, m.P50 > 1000 && m.P50 < 2000)
	}
	// Output:
	// members=3: failover of 20 trials, p50 between 1 s and 2 s: true
	// members=5: failover of 20 trials, p50 between 1 s and 2 s: true
}
