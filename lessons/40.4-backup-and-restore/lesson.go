// Package backupandrestore is the lesson on chapter 40.4: snapshots, what a restore loses and
// who notices, damaged files, a lost quorum, and the replacement of a member.
package backupandrestore

import (
	_ "embed"

	"quorumlab/lessons"
)

var (
	//go:embed text.md
	prose string

	//go:embed task-repair-start.txt
	repairStart []byte
	//go:embed task-repair-model.txt
	repairModel []byte
	//go:embed task-survivor-start.txt
	survivorStart []byte
	//go:embed task-survivor-model.txt
	survivorModel []byte
	//go:embed task-schedule-start.yaml
	scheduleStart []byte
	//go:embed task-schedule-model.yaml
	scheduleModel []byte
)

// Lesson is the lesson on chapter 40.4.
func Lesson() lessons.Lesson {
	return lessons.Lesson{
		ID: "40.4", Name: "backup-and-restore", Title: "Backup and restore",
		About: "After this you can back up a cluster, tell a good backup from a bad one, and restore a " +
			"cluster so that its clients " +
			"notice.",
		Text:  prose,
		Steps: []lessons.LessonStep{saveStep, lostStep, watchStep, damageStep, quorumStep, replaceStep},
		Tasks: []lessons.Task{
			{ID: "repair", Title: "Repair the runbook", File: "runbook.txt", Start: repairStart, Model: repairModel,
				Judge: runbookJudge(false, inNightly)},
			{ID: "survivor", Title: "Two of three disks are gone", File: "survivor.txt", Start: survivorStart,
				Model: survivorModel, Judge: runbookJudge(true, atDesk)},
			{ID: "schedule", Title: "A backup schedule", File: "schedule.yaml", Start: scheduleStart, Model: scheduleModel,
				Judge: lessons.JudgeFunc(judgeSchedule)},
		},
		Further: []lessons.Source{
			{Title: "etcd: disaster recovery (snapshots, restore, revision bump)",
				Where: "https://etcd.io/docs/v3.7/op-guide/recovery/"},
			{Title: "etcd: runtime reconfiguration (members, learners, strict checks)",
				Where: "https://etcd.io/docs/v3.7/op-guide/runtime-configuration/"},
			{Title: "etcd: learners, and why they exist", Where: "https://etcd.io/docs/v3.7/learning/design-learner/"},
			{Title: "etcd: data corruption, and how it is found", Where: "https://etcd.io/docs/v3.7/op-guide/data_corruption/"},
		},
	}
}
