// Package pgdump is the lesson on chapter 35.1: the formats of pg_dump and who reads them, the moment that a dump
// shows, what waits for it, and what a dump of a part leaves out.
package pgdump

import (
	_ "embed"

	"quorumlab/lessons"
	"quorumlab/lessons/pg"
)

var (
	//go:embed text.md
	prose string

	//go:embed task-nightly-start.txt
	nightlyStart []byte
	//go:embed task-nightly-model.txt
	nightlyModel []byte
	//go:embed task-migration-start.txt
	migrationStart []byte
	//go:embed task-migration-model.txt
	migrationModel []byte
)

// Lesson is the lesson on chapter 35.1.
func Lesson() lessons.Lesson {
	return lessons.Lesson{
		ID: "35.1", Name: "pg-dump", Title: "pg_dump",
		About: "After this you can choose a format and a compression, say which moment a dump shows and what it holds up, " +
			"and tell " +
			"what a dump of a part leaves out.",
		Text:  prose,
		Needs: pg.Needs,
		Steps: []lessons.LessonStep{formatsStep, readersStep, momentStep, waitsStep, partsStep},
		Tasks: []lessons.Task{
			{ID: "nightly", Title: "The nightly dump", File: "nightly.txt", Start: nightlyStart, Model: nightlyModel,
				Judge: nightlyJudge},
			{ID: "migration", Title: "A migration during the dump", File: "migration.txt", Start: migrationStart,
				Model: migrationModel, Judge: migrationJudge},
		},
		Further: []lessons.Source{
			{Title: "PostgreSQL: pg_dump", Where: "https://www.postgresql.org/docs/current/app-pgdump.html"},
			{Title: "PostgreSQL: SQL dump", Where: "https://www.postgresql.org/docs/current/backup-dump.html"},
			{Title: "PostgreSQL: which locks conflict", Where: "https://www.postgresql.org/docs/current/explicit-locking.html"},
		},
	}
}
