// Package monitoring is the lesson on chapter 40.6: what etcd's metrics say about a fault,
// when an alert reports it, and which faults no alert can see.
package monitoring

import (
	_ "embed"

	"quorumlab/lessons"
)

//go:embed text.md
var prose string

// The scenarios of the steps.
var (
	//go:embed slow-disk.yaml
	slowDiskScenario []byte
	//go:embed quorum-loss.yaml
	quorumLossScenario []byte
	//go:embed slow-requests.yaml
	slowRequestsScenario []byte
)

// Lesson is the lesson on chapter 40.6.
func Lesson() lessons.Lesson {
	return lessons.Lesson{
		ID: "40.6", Name: "monitoring", Title: "Monitoring: metrics, alerts, and their blind spots",
		About: "After this you know which of etcd's alerts fire for which fault and when, which can't, " +
			"and how to write rules that " +
			"fire only when they should.",
		Text:  prose,
		Steps: []lessons.LessonStep{scrapeStep, slowDiskStep, bucketsStep, quorumStep, absentStep},
		Tasks: []lessons.Task{
			{ID: "fsync", Title: "An alert that detects a slow disk, and nothing else", File: "slow-disk-rules.yaml",
				Start: fsyncStart, Model: fsyncModel, Judge: lessons.JudgeFunc(judgeFsync)},
			{ID: "dead", Title: "Rules that notice silent members", File: "member-rules.yaml",
				Start: deadStart, Model: deadModel, Judge: lessons.JudgeFunc(judgeDead)},
		},
		Further: []lessons.Source{
			{Title: "etcd's monitoring mixin: the alerts that this lesson's rules follow",
				Where: "https://github.com/etcd-io/etcd/tree/main/contrib/mixin"},
			{Title: "etcd: monitoring", Where: "https://etcd.io/docs/v3.7/op-guide/monitoring/"},
			{Title: "etcd: metrics", Where: "https://etcd.io/docs/v3.7/metrics/"},
			{Title: "Prometheus: histograms and summaries, errors of quantile estimation",
				Where: "https://prometheus.io/docs/practices/histograms/"},
			{Title: "Prometheus: alerting rules",
				Where: "https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/"},
			{Title: "Prometheus: unit testing for rules",
				Where: "https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/"},
		},
	}
}
