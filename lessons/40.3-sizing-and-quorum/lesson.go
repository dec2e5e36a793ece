// Package sizingandquorum is the lesson on chapter 40.3: how many members, where to place them,
// how to add one, and which timeouts high-latency links need.
package sizingandquorum

import (
	_ "embed"

	"quorumlab/lessons"
)

var (
	//go:embed text.md
	prose string

	//go:embed task-zones-model.yaml
	zonesModel []byte
	//go:embed task-far-model.yaml
	farModel []byte
	//go:embed task-plan-start.yaml
	planStart []byte
	//go:embed task-plan-model.yaml
	planModel []byte
)

// Lesson is the lesson on chapter 40.3.
func Lesson() lessons.Lesson {
	return lessons.Lesson{
		ID: "40.3", Name: "sizing-and-quorum", Title: "Cluster sizing and quorum",
		About: "After this you can choose how many members a cluster has, their zones and their timeouts, " +
			"and add a member without " +
			"blocking the cluster.",
		Text:  prose,
		Steps: []lessons.LessonStep{toleranceStep, paceStep, joiningStep, zonesStep, wanStep},
		Tasks: []lessons.Task{
			{ID: "three-zones", Title: "Survive any zone", File: "zones.yaml", Start: zonesStart, Model: zonesModel,
				Judge: lessons.JudgeFunc(judgeZones)},
			{ID: "far-away", Title: "Timeouts for high-latency links", File: "far.yaml", Start: farStart, Model: farModel,
				Judge: farJudge},
			{ID: "goal", Title: "Reach a goal with the fewest members", File: "plan.yaml", Start: planStart, Model: planModel,
				Judge: planJudge},
		},
		Further: []lessons.Source{
			{Title: "etcd: FAQ (cluster sizes, why odd)", Where: "https://etcd.io/docs/v3.7/faq/"},
			{Title: "etcd: learner design", Where: "https://etcd.io/docs/v3.7/learning/design-learner/"},
			{Title: "etcd: tuning (heartbeat and election timeout)", Where: "https://etcd.io/docs/v3.7/tuning/"},
			{Title: "etcd: runtime reconfiguration", Where: "https://etcd.io/docs/v3.7/op-guide/runtime-configuration/"},
			{Title: "Ongaro and Ousterhout: In Search of an Understandable Consensus Algorithm (2014), sections 5.1 and 5.6",
				Where: "https://raft.github.io/raft.pdf"},
		},
	}
}
