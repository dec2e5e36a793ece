// Package archivecommand is the lesson on chapter 35.5: what pg_wal does when archiving fails, what commands that
// lie or overwrite cost, what archive_timeout bounds, and what replication slots hold.
package archivecommand

import (
	_ "embed"

	"quorumlab/lessons"
	"quorumlab/lessons/pg"
)

var (
	//go:embed text.md
	prose string

	//go:embed task-command-start.txt
	commandStart []byte
	//go:embed task-command-model.txt
	commandModel []byte
	//go:embed task-gap-start.txt
	gapStart []byte
	//go:embed task-gap-model.txt
	gapModel []byte
)

// Lesson is the lesson on chapter 35.5.
func Lesson() lessons.Lesson {
	return lessons.Lesson{
		ID: "35.5", Name: "archive-and-restore-commands", Title: "archive_command and restore_command",
		About: "After this you can write an archive_command that loses nothing, say how much an archive can lose, notice a " +
			"gap in it, and keep pg_wal from filling the disk.",
		Text:  prose,
		Needs: pg.Needs,
		Steps: []lessons.LessonStep{failingStep, liesStep, rpoStep, streamStep},
		Tasks: []lessons.Task{
			{ID: "command", Title: "The two commands", File: "archive.conf", Start: commandStart, Model: commandModel,
				Judge: settingsJudge},
			{ID: "gap", Title: "A gap in the archive", File: "gap.txt", Start: gapStart, Model: gapModel, Judge: gapJudge},
		},
		Further: []lessons.Source{
			{Title: "PostgreSQL: setting up WAL archiving",
				Where: "https://www.postgresql.org/docs/current/continuous-archiving.html"},
			{Title: "PostgreSQL: archiving settings",
				Where: "https://www.postgresql.org/docs/current/runtime-config-wal.html"},
			{Title: "PostgreSQL: pg_receivewal", Where: "https://www.postgresql.org/docs/current/app-pgreceivewal.html"},
			{Title: "PostgreSQL: archive modules", Where: "https://www.postgresql.org/docs/current/archive-modules.html"},
		},
	}
}
