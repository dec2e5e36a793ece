// Package compactionanddefragmentation is the lesson on chapter 40.5: what fills a database,
// which step restores writes, what a compaction and a defragmentation do and cost, and what a
// reader that never finishes does to the file.
package compactionanddefragmentation

import (
	_ "embed"

	"quorumlab/lessons"
)

var (
	//go:embed text.md
	prose string

	//go:embed task-ladder-start.txt
	ladderStart []byte
	//go:embed task-ladder-model.txt
	ladderModel []byte
	//go:embed task-settings-start.yaml
	settingsStart []byte
	//go:embed task-settings-model.yaml
	settingsModel []byte
)

// Lesson is the lesson on chapter 40.5.
func Lesson() lessons.Lesson {
	return lessons.Lesson{
		ID: "40.5", Name: "compaction-and-defragmentation", Title: "Compaction and defragmentation",
		About: "After this you know what takes up space in etcd's database, how to recover a full store, " +
			"and what each step costs.",
		Text:  prose,
		Steps: []lessons.LessonStep{ladderStep, roundsStep, pauseStep, pinnedStep},
		Tasks: []lessons.Task{
			{ID: "space", Title: "Restore writes", File: "space.txt", Start: ladderStart, Model: ladderModel,
				Judge: ladderJudge},
			{ID: "settings", Title: "Never full", File: "settings.yaml", Start: settingsStart, Model: settingsModel,
				Judge: settingsJudge},
		},
		Further: []lessons.Source{
			{Title: "etcd: maintenance (history compaction, defragmentation, space quota)",
				Where: "https://etcd.io/docs/v3.7/op-guide/maintenance/"},
			{Title: "etcd: system limits (the quota, and what is advised)", Where: "https://etcd.io/docs/v3.7/dev-guide/limit/"},
			{Title: "bbolt: caveats and limitations (pages, long transactions)",
				Where: "https://github.com/etcd-io/bbolt#caveats--limitations"},
		},
	}
}
