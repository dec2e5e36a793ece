package whatetcdis

import (
	"testing"

	"quorumlab/lessons/lessontest"
)

// wiped has two members come back with empty disks, which they can't lead from.
const wiped = `
workload: {rate: 100/s}
steps:
  - {at: 10s, do: crash all}
  - {at: 10500ms, do: wipe n1}
  - {at: 10500ms, do: wipe n2}
  - {at: 11s, do: restart n1 n2}
run: 22s
`

// forgetful has a majority forget, while the third member is down.
const forgetful = `
workload: {rate: 100/s}
steps:
  - {at: 3s, do: lose-unsynced n2 n3}
  - {at: 8s, do: crash n2 n3}
  - {at: 8100ms, do: heal-disk}
  - {at: 8200ms, do: crash n1}
  - {at: 9s, do: restart n2 n3}
run: 16s
`

func timeouts(cluster string) string {
	return "cluster: {members: 5, network: {latency: 5ms..10ms}, " + cluster + "}\n" +
		"workload: {rate: 20/s, timeout: 5s}\nsteps: [{at: 3s, do: crash leader}]\nrun: 8s\n"
}

func TestAnswers(t *testing.T) {
	lessontest.Answers(t, Lesson(), map[string]lessontest.TaskAnswer{
		"count: made anew": {Task: "count", Text: "put city x\ndelete city\nput city Bern\nput city " +
			"Rome\nput-both city Oslo y 1\nput z 1", Points: 8},
		"count: version is not it": {Task: "count", Text: "put city 1\nput city 2\nput city Oslo", Points: 3,
			Hint: "a new store is at revision 1"},
		"count: refused": {Task: "count", Text: "put-both city 1 city 2", Points: 0,
			Hint: "nothing after it was executed"},
		"count: no such operation": {Task: "count", Text: "put city Oslo\n  get city",
			Bad: `operations.txt:2:3: unknown command "get"`},
		"count: an argument short": {Task: "count", Text: "put city", Bad: "operations.txt:1:1: wrong number of arguments " +
			"for put: want 2, got 1"},

		"timeouts: without pre-vote": {Task: "timeouts", Text: timeouts("heartbeat: 50ms, election: 300ms..599ms, " +
			"pre-vote: false"), Points: 6},
		"timeouts: etcd's way": {Task: "timeouts", Text: timeouts("heartbeat: 30ms, election: 300ms"), Points: 6},
		"timeouts: too long": {Task: "timeouts", Text: timeouts("heartbeat: 100ms, election: 1s..2s"), Points: 4,
			Hint: "nobody starts an election before the shortest timeout"},
		"timeouts: another network": {Task: "timeouts", Text: "cluster: {members: 5}\nsteps: [{at: 3s, do: crash " +
			"leader}]\nrun: 8s\n", Points: 0, Hint: "put back what the task specifies"},
		"timeouts: another seed": {Task: "timeouts", Points: 3, Hint: "candidates collide",
			Text: "seed: 40025\n" + timeouts("heartbeat: 50ms, election: 250ms..300ms, pre-vote: true")},
		"timeouts: no leader ever": {Task: "timeouts", Text: timeouts("heartbeat: 1ms, tick: 1ms, election: 2ms..3ms"),
			Points: 0, Hint: "candidates collide"},
		"timeouts: backwards": {Task: "timeouts", Text: timeouts("heartbeat: 50ms, election: 300ms..200ms"),
			Bad: "timeouts.yaml:1:"},

		"lose: the third comes late": {Task: "lose", Text: forgetful, Points: 6},
		"lose: empty disks":          {Task: "lose", Text: wiped, Points: 2, Hint: "one that makes a disk forget"},
		"lose: nothing crashed": {Task: "lose", Text: "workload: {rate: 100/s}\nsteps:\n  - {at: 3s, do: " +
			"lose-unsynced n1}\nrun: 9s\n", Points: 1, Hint: "can outvote"},
		"lose: for a day": {Task: "lose", Text: "workload: {rate: 100/s}\nrun: 20h\n",
			Bad: "lose.yaml: an answer runs for at most 10m"},
		"lose: no such statement": {Task: "lose", Text: "workload: {rate: 100/s}\nsteps:\n  - {at: 1s, do: forget " +
			"n1}\nrun: 9s\n", Bad: "lose.yaml:3:"},
	})
}
