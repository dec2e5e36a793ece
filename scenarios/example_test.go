package scenarios_test

import (
	"fmt"

	"quorumlab/scenarios"
)

// A file needs to say little; the rest is as in etcd.
func ExampleParse() {
	s, err := scenarios.Parse("two-crashes.yaml", []byte(`
cluster: {members: 5}
steps:
  - {at: 5s, do: crash leader}
  - {at: 9s, do: crash leader}
run: 20s
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Name, len(s.Cluster.Members), s.Cluster.Election, s.Steps[1].Do)
	// Output: two-crashes 5 1s crash leader
}

// Every problem is shown where it is.
func ExampleParse_problems() {
	_, err := scenarios.Parse("two-crashes.yaml", []byte(`cluster: {members: 5, electoin: 500ms}
steps:
  - {at: 5s, do: slow-disk leader soon}
run: 20
`))
	fmt.Println(err)
	// Output:
	// two-crashes.yaml:1:23: unknown field "electoin" (did you mean "election"?)
	//   cluster: {members: 5, electoin: 500ms}
	//                         ^
	// two-crashes.yaml:3:35: "soon": a time distribution is a value like "5ms", a range like "2ms..5ms", or quantiles like "p50 2ms p99 8ms"; the usage is "slow-disk MEMBERS TIME", for example "slow-disk leader 200ms"
	//     - {at: 5s, do: slow-disk leader soon}
	//                                     ^
	// two-crashes.yaml:4:6: "20" is not a time: write a number and a unit, like "300us", "5ms" or "1.5s"
	//   run: 20
	//        ^
}

// Settings from the command line go into the file before it is read.
func ExampleParseWith() {
	s, err := scenarios.ParseWith("calm.yaml", []byte("run: 20s\n"), []string{"cluster.members=7", "workload.rate=500/s"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s", scenarios.Format(s))
	// Output:
	// name: calm
	// cluster:
	//   members: 7
	// workload:
	//   rate: 500/s
	// run: 20s
}

func ExampleLoad() {
	_, err := scenarios.Load("leader-crash", "cluster.memebrs=3")
	fmt.Println(err)
	// Output:
	// --set cluster.memebrs=3: unknown field "memebrs" (did you mean "members"?)
	//   cluster.memebrs=3
	//           ^
}
