// Package restoredrills is the lesson on chapter 35.6: how long a restore takes, which tool finds which damage, and
// what a drill has to check.
package restoredrills

import (
	_ "embed"

	"quorumlab/lessons"
	"quorumlab/lessons/pg"
)

var (
	//go:embed text.md
	prose string

	//go:embed task-checks-start.txt
	checksStart []byte
	//go:embed task-checks-model.txt
	checksModel []byte
	//go:embed task-schedule-start.txt
	scheduleStart []byte
	//go:embed task-schedule-model.txt
	scheduleModel []byte
)

// Lesson is the lesson on chapter 35.6.
func Lesson() lessons.Lesson {
	return lessons.Lesson{
		ID: "35.6", Name: "restore-drills", Title: "Restore drills",
		About: "After this you can say how long a restore takes and why, choose checks that find a bad backup, and choose " +
			"a " +
			"schedule that meets an RTO and an RPO.",
		Text:  prose,
		Needs: pg.Needs,
		Steps: []lessons.LessonStep{rtoStep, damagesStep},
		Tasks: []lessons.Task{
			{ID: "checks", Title: "A drill with three checks", File: "checks.txt", Start: checksStart, Model: checksModel,
				Judge: checksJudge},
			{ID: "schedule", Title: "A schedule", File: "schedule.txt", Start: scheduleStart, Model: scheduleModel,
				Judge: scheduleJudge},
		},
		Further: []lessons.Source{
			{Title: "PostgreSQL: pg_verifybackup", Where: "https://www.postgresql.org/docs/current/app-pgverifybackup.html"},
			{Title: "PostgreSQL: pg_amcheck", Where: "https://www.postgresql.org/docs/current/app-pgamcheck.html"},
			{Title: "PostgreSQL: pg_checksums", Where: "https://www.postgresql.org/docs/current/app-pgchecksums.html"},
			{Title: "PostgreSQL 17: pg_combinebackup",
				Where: "https://www.postgresql.org/docs/17/app-pgcombinebackup.html"},
		},
	}
}
