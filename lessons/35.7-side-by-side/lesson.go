// Package sidebyside is the lesson on chapter 35.7: snapshots of etcd and point-in-time recovery of PostgreSQL, side by
// side: what each loses, how long it takes, what its clients see, and a schedule for both.
package sidebyside

import (
	_ "embed"

	"quorumlab/lessons"
	"quorumlab/lessons/pg"
)

var (
	//go:embed text.md
	prose string

	//go:embed task-pair-start.txt
	pairStart []byte
	//go:embed task-pair-model.txt
	pairModel []byte
	//go:embed task-schedule-start.txt
	scheduleStart []byte
	//go:embed task-schedule-model.txt
	scheduleModel []byte
)

// Lesson is the lesson on chapter 35.7.
func Lesson() lessons.Lesson {
	return lessons.Lesson{
		ID: "35.7", Name: "side-by-side", Title: "etcd snapshots and PostgreSQL recovery side by side",
		About: "After this you can say what snapshots and an archive of changes lose, how long each takes to return, and " +
			"what clients notice, and choose a schedule for both.",
		Text:  prose,
		Needs: pg.Needs,
		Steps: []lessons.LessonStep{bothStep},
		Tasks: []lessons.Task{
			{ID: "pair", Title: "Both at one moment", File: "pair.txt", Start: pairStart, Model: pairModel, Judge: pairJudge},
			{ID: "schedule", Title: "A schedule for both", File: "schedule.txt", Start: scheduleStart, Model: scheduleModel,
				Judge: scheduleJudge},
		},
		Further: []lessons.Source{
			{Title: "etcd: disaster recovery", Where: "https://etcd.io/docs/v3.6/op-guide/recovery/"},
			{Title: "PostgreSQL: continuous archiving and point-in-time recovery",
				Where: "https://www.postgresql.org/docs/current/continuous-archiving.html"},
		},
	}
}
