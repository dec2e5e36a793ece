// Package continuousarchiving is the lesson on chapter 35.4: base backups and the archive, recovery targets,
// pg_waldump, timelines, and recoveries that pause.
package continuousarchiving

import (
	"context"
	_ "embed"

	"quorumlab/lessons"
	"quorumlab/lessons/pg"
)

var (
	//go:embed text.md
	prose string

	//go:embed task-drop-start.txt
	dropStart []byte
	//go:embed task-drop-model.txt
	dropModel []byte
	//go:embed task-second-start.txt
	secondStart []byte
	//go:embed task-second-model.txt
	secondModel []byte
)

// Lesson is the lesson on chapter 35.4.
func Lesson() lessons.Lesson {
	return lessons.Lesson{
		ID: "35.4", Name: "continuous-archiving-and-pitr", Title: "Continuous archiving and point-in-time recovery",
		About: "After this you can recover a PostgreSQL server to the moment before a mistake, find that moment in " +
			"the WAL, and tell which timeline you are on.",
		Text:  prose,
		Needs: pg.Needs,
		Steps: []lessons.LessonStep{baseStep, targetsStep, waldumpStep, timelinesStep, pauseStep},
		Tasks: []lessons.Task{
			{ID: "drop", Title: "Get the ledger back", File: "drop.txt", Start: dropStart, Model: dropModel,
				Judge: runbookJudge(func(ctx context.Context, d *desk) error { return d.accidentAtDesk(ctx) }, judgeDrop)},
			{ID: "second", Title: "The second recovery", File: "second.txt", Start: secondStart, Model: secondModel,
				Judge: runbookJudge(func(ctx context.Context, d *desk) error { return d.secondTryAtDesk(ctx) }, judgeSecond)},
		},
		Further: []lessons.Source{
			{Title: "PostgreSQL: continuous archiving and point-in-time recovery",
				Where: "https://www.postgresql.org/docs/current/continuous-archiving.html"},
			{Title: "PostgreSQL: recovery target settings",
				Where: "https://www.postgresql.org/docs/current/runtime-config-wal.html"},
			{Title: "PostgreSQL: pg_waldump", Where: "https://www.postgresql.org/docs/current/pgwaldump.html"},
		},
	}
}
