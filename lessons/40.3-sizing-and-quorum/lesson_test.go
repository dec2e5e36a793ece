package sizingandquorum

import (
	"testing"

	"go.uber.org/goleak"

	"quorumlab/lessons/lessontest"
	"quorumlab/sim/etcdsim/cluster"
)

func TestMain(m *testing.M) {
	cluster.Main()
	goleak.VerifyTestMain(m)
}

func TestLesson(t *testing.T) { lessontest.Whole(t, Lesson()) }

func placedAt(members string) string {
	return "cluster: {members: [" + members + "]}\nworkload: {rate: 20/s, timeout: 2s}\nrun: 14s\n"
}

func farOff(timeouts string) string {
	return "cluster: {members: [{zone: a}, {zone: b}, {zone: c}], network: {latency: 60ms..100ms, loss: 5%}, " + timeouts +
		"}\n" +
		"workload: {rate: 2/s, timeout: 5s}\nsteps: [{at: 75s, do: crash leader}]\nrun: 90s\n"
}

const failing = "mttf: 30d\nmttr: 12h\nzone-mttf: 1y\nzone-mttr: 4h\n"

func TestAnswers(t *testing.T) {
	lessontest.Answers(t, Lesson(), map[string]lessontest.TaskAnswer{
		"three-zones: five zones": {Task: "three-zones", Text: placedAt("{zone: a}, {zone: b}, {zone: c}, {zone: d}, " +
			"{zone: e}"), Points: 6},
		"three-zones: three members": {Task: "three-zones", Text: placedAt("{zone: a}, {zone: b}, {zone: c}"), Points: 4,
			Hint: "floor((n-1)/2)"},
		"three-zones: no zones": {Task: "three-zones", Text: placedAt("{}, {}, {}, {}, {}"), Points: 3,
			Hint: "more than half of all members"},
		"three-zones: three nowhere": {Task: "three-zones", Text: placedAt("{zone: a}, {zone: b}, {}, {}, {}"), Points: 3,
			Hint: "more than half of all members"},
		"three-zones: two learners": {Task: "three-zones", Points: 4, Hint: "voting members",
			Text: placedAt("{zone: a, role: learner}, {zone: b, role: learner}, {zone: a}, {zone: b}, {zone: c}")},
		"three-zones: another load": {Task: "three-zones", Text: "cluster: {members: 5}\nrun: 14s\n", Points: 0,
			Hint: "put back what the task specifies"},
		"three-zones: members for all": {Task: "three-zones", Text: "cluster: {members: many}\n", Bad: "zones.yaml:1:"},

		"far-away: etcd's default": {Task: "far-away", Text: farOff("heartbeat: 100ms, election: 1s"), Points: 6},
		"far-away: too patient": {Task: "far-away", Text: farOff("heartbeat: 500ms, election: 5s"), Points: 4,
			Hint: "nobody starts an election before"},
		"far-away: nearer together": {Task: "far-away", Text: "cluster: {members: 3, network: {latency: 1ms}}\nrun: 90s\n",
			Points: 0, Hint: "put back"},
		"far-away: heartbeat above": {Task: "far-away", Text: farOff("heartbeat: 2s, election: 1s"), Bad: "far.yaml:1:"},

		"goal: the other order": {Task: "goal", Text: "zones: 1+2+2\n" + failing, Points: 7},
		"goal: members alone":   {Task: "goal", Text: "members: 5\n" + failing, Bad: "there are no zones"},
		"goal: more than needed": {Task: "goal", Text: "zones: 3+2+2\n" + failing, Points: 5,
			Hint: "even sizes add no tolerance"},
		"goal: three":             {Task: "goal", Text: "zones: 1+1+1\n" + failing, Points: 3, Hint: "where to place them"},
		"goal: better machines":   {Task: "goal", Text: "zones: 1+1+1\nmttf: 10y\n", Points: 0, Hint: "put back"},
		"goal: not a placement":   {Task: "goal", Text: "zones: two\n", Bad: "plan.yaml:1:"},
		"goal: no such parameter": {Task: "goal", Text: "zone: 2+2+1\n", Bad: "plan.yaml:1:1"},
	})
}
