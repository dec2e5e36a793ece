// Package pgdumpall is the lesson on chapter 35.2: what belongs to the whole server and not to a database, what psql's
// exit code says, who sees which rows in a dump, and why two databases in one dump are of two moments.
package pgdumpall

import (
	_ "embed"

	"quorumlab/lessons"
	"quorumlab/lessons/pg"
)

var (
	//go:embed text.md
	prose string

	//go:embed task-move-start.txt
	moveStart []byte
	//go:embed task-move-model.txt
	moveModel []byte
	//go:embed task-role-start.txt
	roleStart []byte
	//go:embed task-role-model.txt
	roleModel []byte
)

// Lesson is the lesson on chapter 35.2.
func Lesson() lessons.Lesson {
	return lessons.Lesson{
		ID: "35.2", Name: "pg-dumpall", Title: "pg_dumpall",
		About: "After this you can bring a whole server back with its roles, owners, privileges and policies, notice when " +
			"something " +
			"is " +
			"missing, and say what is in no dump.",
		Text:  prose,
		Needs: pg.Needs,
		Steps: []lessons.LessonStep{recipesStep, whereStep, rowsStep, twoStep},
		Tasks: []lessons.Task{
			{ID: "move", Title: "Move to a new server", File: "move.txt", Start: moveStart, Model: moveModel,
				Judge: moveJudge},
			{ID: "role", Title: "A role for backups", File: "role.txt", Start: roleStart, Model: roleModel,
				Judge: roleJudge},
		},
		Further: []lessons.Source{
			{Title: "PostgreSQL: pg_dumpall", Where: "https://www.postgresql.org/docs/current/app-pg-dumpall.html"},
			{Title: "PostgreSQL: psql (exit status, ON_ERROR_STOP)",
				Where: "https://www.postgresql.org/docs/current/app-psql.html"},
			{Title: "PostgreSQL: row security policies", Where: "https://www.postgresql.org/docs/current/ddl-rowsecurity.html"},
			{Title: "PostgreSQL: predefined roles", Where: "https://www.postgresql.org/docs/current/predefined-roles.html"},
		},
	}
}
