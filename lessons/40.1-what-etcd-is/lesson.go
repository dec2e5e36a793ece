// Package whatetcdis is the lesson on chapter 40.1: the store and its one counter, the three
// operations and what they need, elections, and which writes can be lost.
package whatetcdis

import (
	_ "embed"

	"quorumlab/lessons"
)

var (
	//go:embed text.md
	prose string

	//go:embed task-revisions-start.txt
	revisionsStart []byte
	//go:embed task-revisions-model.txt
	revisionsModel []byte
	//go:embed task-timeouts-model.yaml
	timeoutsModel []byte
	//go:embed task-lose-model.yaml
	loseModel []byte
)

// Lesson is the lesson on chapter 40.1.
func Lesson() lessons.Lesson {
	return lessons.Lesson{
		ID: "40.1", Name: "what-etcd-is", Title: "What etcd is",
		About: "After this you know how etcd counts, which requests need a quorum, how leaders are " +
			"elected, and which writes can be " +
			"lost.",
		Text:  prose,
		Steps: []lessons.LessonStep{revisionsStep, winnersStep, speedStep, quorumStep, staleStep, splitStep, lostStep},
		Tasks: []lessons.Task{
			{ID: "count", Title: "Hit the numbers", File: "operations.txt", Start: revisionsStart, Model: revisionsModel,
				Judge: revisionsJudge},
			{ID: "timeouts", Title: "Keep candidates apart", File: "timeouts.yaml", Start: timeoutsStart, Model: timeoutsModel,
				Judge: timeoutsJudge},
			{ID: "lose", Title: "Lose an acknowledged write", File: "lose.yaml", Start: loseStart, Model: loseModel,
				Judge: loseJudge},
		},
		Further: []lessons.Source{
			{Title: "etcd: data model (revisions, versions, compaction)",
				Where: "https://etcd.io/docs/v3.7/learning/data_model/"},
			{Title: "etcd: KV API guarantees (linearizable and serializable reads, watches)",
				Where: "https://etcd.io/docs/v3.7/learning/api_guarantees/"},
			{Title: "Ongaro and Ousterhout: In Search of an Understandable Consensus Algorithm (2014), " +
				"sections 5.1 to 5.4 and 8", Where: "https://raft.github.io/raft.pdf"},
			{Title: "Ongaro: Consensus: Bridging Theory and Practice (2014), chapter 9 on election performance",
				Where: "https://github.com/ongardie/dissertation"},
		},
	}
}
