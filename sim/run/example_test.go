package run_test

import (
	"context"
	"fmt"

	"quorumlab/scenarios"
	"quorumlab/sim"
	"quorumlab/sim/check"
	"quorumlab/sim/raftsim"
	"quorumlab/sim/run"
)

// A scenario of the library runs on the engine in virtual time, and is judged.
func Example() {
	s, err := scenarios.Load("leader-crash")
	if err != nil {
		panic(err)
	}
	j, err := run.Do(context.Background(), s, raftsim.Engine{}, run.Options{})
	if err != nil {
		panic(err)
	}
	fmt.Println(s.Name, "is good:", j.OK())
	failover, _ := j.Result.Measure("failover")
	fmt.Println("a new leader was known after", failover.Unit.FormatValue(failover.Value))
	for _, e := range j.Trace.Events {
		if e.Kind == sim.KindFaultBegun {
			fmt.Printf("at %v: %s\n", e.At, e.Note)
		}
	}
	// Output:
	// leader-crash is good: true
	// a new leader was known after 1.44s
	// at 5s: crash n2
	// at 12s: restart n2
}

// One of thousands of runs is asked for a number only. This one needs no trace.
func ExampleOptions_ask() {
	s, err := scenarios.Parse("crash.yaml", []byte("steps: [{at: 2s, do: crash leader}]\nrun: 6s\n"))
	if err != nil {
		panic(err)
	}
	ask := &check.Questions{Readings: []sim.Reading{{Measure: "failover", In: sim.Millis}}, Checks: []string{"safety"}}
	for s.Seed = 1; s.Seed <= 3; s.Seed++ {
		j, err := run.Do(context.Background(), s, raftsim.Engine{}, run.Options{Ask: ask})
		if err != nil {
			panic(err)
		}
		fmt.Printf("seed %d: safe %t, failover %.0f ms\n", s.Seed, j.OK(), j.Answers.Values[0])
	}
	// Output:
	// seed 1: safe true, failover 1455 ms
	// seed 2: safe true, failover 1468 ms
	// seed 3: safe true, failover 1265 ms
}

// A live cluster has no scenario that comes to its end: it writes to the recorder for as long as it likes, and
// is judged by what was done to it. Here an engine plays its part.
func ExampleBegin() {
	s, err := scenarios.Parse("live.yaml", []byte("steps: [{at: 2s, do: crash leader}]\nrun: 6s\n"))
	if err != nil {
		panic(err)
	}
	u := run.Begin(s, run.Options{Version: "1.0"})
	u.Recorder.Limit(1_000_000, sim.HighRate)
	if err := (raftsim.Engine{}).Run(context.Background(), s, u.Recorder, nil); err != nil {
		panic(err)
	}
	j := u.End(s, "sim")
	fmt.Println("good:", j.OK())
	// Output:
	// good: true
}
