// Package pgrestore is the lesson on chapter 35.3: what -t and a list take, restoring into a database that is in use,
// sections and parallel jobs, and what proves that a dump is good.
package pgrestore

import (
	_ "embed"

	"quorumlab/lessons"
	"quorumlab/lessons/pg"
)

var (
	//go:embed text.md
	prose string

	//go:embed task-table-start.txt
	tableStart []byte
	//go:embed task-table-model.txt
	tableModel []byte
	//go:embed task-refresh-start.txt
	refreshStart []byte
	//go:embed task-refresh-model.txt
	refreshModel []byte
)

// Lesson is the lesson on chapter 35.3.
func Lesson() lessons.Lesson {
	return lessons.Lesson{
		ID: "35.3", Name: "pg-restore", Title: "pg_restore",
		About: "After this you can bring back one table with all that belongs to it, restore into a database in use " +
			"without leaving " +
			"it " +
			"half done, choose a number of jobs, and test a dump.",
		Text:  prose,
		Needs: pg.Needs,
		Steps: []lessons.LessonStep{selectStep, liveStep, parallelStep, proofStep},
		Tasks: []lessons.Task{
			{ID: "table", Title: "Bring back a table", File: "table.txt", Start: tableStart, Model: tableModel,
				Judge: lessons.JudgeFunc(judgeTable)},
			{ID: "refresh", Title: "Refresh a staging database", File: "refresh.txt", Start: refreshStart,
				Model: refreshModel, Judge: refreshJudge},
		},
		Further: []lessons.Source{
			{Title: "PostgreSQL: pg_restore", Where: "https://www.postgresql.org/docs/current/app-pgrestore.html"},
			{Title: "PostgreSQL: populating a database",
				Where: "https://www.postgresql.org/docs/current/populate.html"},
		},
	}
}
