// Package roleinkubernetes is the lesson on chapter 40.2: how a kube-apiserver uses etcd. It runs the real
// storage layer of k8s.io/apiserver, in a separate program (folder apiserver), on real members.
//
// experiment.go runs that program, run_*.go read its results, and task_*.go use it to judge answers.
package roleinkubernetes

import (
	_ "embed"

	"quorumlab/lessons"
)

var (
	//go:embed text.md
	prose string

	//go:embed task-loop-start.txt
	loopStart []byte
	//go:embed task-loop-model.txt
	loopModel []byte
	//go:embed task-encryption-start.yaml
	encryptionStart []byte
	//go:embed task-encryption-model.yaml
	encryptionModel []byte
	//go:embed task-settings-start.yaml
	settingsStart []byte
	//go:embed task-settings-model.yaml
	settingsModel []byte
)

// Lesson is the lesson on chapter 40.2.
func Lesson() lessons.Lesson {
	return lessons.Lesson{
		ID: "40.2", Name: "role-in-kubernetes", Title: "etcd's role in Kubernetes",
		About: "After this you know what an API server writes to etcd, what its 409 and 410 mean, what " +
			"its cache keeps away from " +
			"etcd, and what works while etcd is down.",
		Text: prose,
		Steps: []lessons.LessonStep{keysStep, conflictsStep, watchStep, eventsStep, heartbeatsStep, secretsStep, cacheStep,
			outageStep},
		Tasks: []lessons.Task{
			{ID: "loop", Title: "Lose no update", File: "loop.txt", Start: loopStart, Model: loopModel,
				Judge: lessons.JudgeFunc(judgeLoop)},
			{ID: "encryption", Title: "Replace a leaked key", File: "encryption.yaml", Start: encryptionStart,
				Model: encryptionModel, Judge: lessons.JudgeFunc(judgeEncryption)},
			{ID: "settings", Title: "Ten minutes of history within the quota", File: "settings.yaml", Start: settingsStart,
				Model: settingsModel, Judge: lessons.JudgeFunc(judgeSettings)},
		},
		Further: []lessons.Source{
			{Title: "Kubernetes: API concepts (resource versions, efficient detection of changes, 410 Gone)",
				Where: "https://kubernetes.io/docs/reference/using-api/api-concepts/"},
			{Title: "Kubernetes: operating etcd clusters",
				Where: "https://kubernetes.io/docs/tasks/administer-cluster/configure-upgrade-etcd/"},
			{Title: "Kubernetes: encrypting confidential data at rest",
				Where: "https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/"},
			{Title: "Kubernetes: Leases (node heartbeats)", Where: "https://kubernetes.io/docs/concepts/architecture/leases/"},
			{Title: "KEP-2340: consistent reads from cache",
				Where: "https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/" +
					"2340-Consistent-reads-from-cache"},
			{Title: "k8s.io/apiserver: the storage layer that this lesson runs (pkg/storage)",
				Where: "https://pkg.go.dev/k8s.io/apiserver/pkg/storage"},
		},
	}
}
