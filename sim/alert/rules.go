// Package alert has the alert rules that operators of etcd use most: the names, metrics, thresholds and
// times of etcd's monitoring mixin. It is a table and needs no Prometheus; package monitor below it
// evaluates the rules on what members show.
//
// Start reading at rules.go.
package alert

import (
	"strings"
	"time"
)

// Rules are the alerts that operators of etcd use most often: the names, metrics,
// thresholds and times of etcd's monitoring mixin (contrib/mixin/alerts/alerts.libsonnet
// of etcd v3.7), in expressions of our own. They leave out the mixin's selector of the
// job, since nothing but the run's members is scraped.
//
// The rules are in the order in which figures show them: first what is about the whole
// cluster, then leadership, disks, requests, and the size of the store.
func Rules() []Rule {
	const warning, critical = "warning", "critical"
	return []Rule{
		{
			Name: "etcdInsufficientMembers", Severity: critical, For: 3 * time.Minute,
			Expr:  `sum by (job) (up) < (count by (job) (up) + 1) / 2`,
			About: "fewer members answer their scrapes than a quorum needs",
		},
		{
			Name: "etcdMembersDown", Severity: critical, For: 20 * time.Minute,
			Expr: `max by (job) (
				sum by (job) (up == bool 0)
				or
				count by (job) (sum by (job, To) (rate(etcd_network_peer_sent_failures_total[2m])) > 0.01)
			) > 0`,
			About: "a member does not answer its scrapes, or others fail to send to it",
		},
		{
			Name: "etcdNoLeader", Severity: critical, For: time.Minute,
			Expr:  `etcd_server_has_leader == 0`,
			About: "the member answers its scrapes and says that it knows no leader",
		},
		{
			Name: "etcdHighNumberOfLeaderChanges", Severity: warning, For: 5 * time.Minute,
			Expr: `increase((
				max by (job) (etcd_server_leader_changes_seen_total)
				or 0 * absent(etcd_server_leader_changes_seen_total)
			)[15m:1m]) >= 4`,
			About: "four or more changes of the leader in a quarter of an hour",
		},
		{
			Name: "etcdHighFsyncDurations", Severity: warning, For: 10 * time.Minute,
			Expr:  `histogram_quantile(0.99, rate(etcd_disk_wal_fsync_duration_seconds_bucket[5m])) > 0.5`,
			About: "the 99th percentile of the log's fsyncs is above 0.5 s",
		},
		{
			Name: "etcdHighFsyncDurations.critical", Severity: critical, For: 10 * time.Minute,
			Expr:  `histogram_quantile(0.99, rate(etcd_disk_wal_fsync_duration_seconds_bucket[5m])) > 1`,
			About: "the 99th percentile of the log's fsyncs is above 1 s",
		},
		{
			Name: "etcdHighCommitDurations", Severity: warning, For: 10 * time.Minute,
			Expr:  `histogram_quantile(0.99, rate(etcd_disk_backend_commit_duration_seconds_bucket[5m])) > 0.25`,
			About: "the 99th percentile of the store's commits to its file is above 0.25 s",
		},
		{
			Name: "etcdHighNumberOfFailedProposals", Severity: warning, For: 15 * time.Minute,
			Expr:  `rate(etcd_server_proposals_failed_total[15m]) > 5`,
			About: "more than five proposals a second fail",
		},
		{
			Name: "etcdHighNumberOfFailedGRPCRequests", Severity: warning, For: 10 * time.Minute,
			Expr:  failedRequests + ` > 1`,
			About: "more than 1% of one method's requests fail",
		},
		{
			Name: "etcdHighNumberOfFailedGRPCRequests.critical", Severity: critical, For: 5 * time.Minute,
			Expr:  failedRequests + ` > 5`,
			About: "more than 5% of one method's requests fail",
		},
		{
			Name: "etcdGRPCRequestsSlow", Severity: critical, For: 10 * time.Minute,
			Expr: `histogram_quantile(0.99, sum by (job, instance, grpc_service, grpc_method, le) (
				rate(grpc_server_handling_seconds_bucket{grpc_method!="Defragment", grpc_type="unary"}[5m])
			)) > 0.15`,
			About: "the 99th percentile of one method's request times is above 0.15 s; only with extensive metrics",
		},
		{
			Name: "etcdMemberCommunicationSlow", Severity: warning, For: 10 * time.Minute,
			Expr:  `histogram_quantile(0.99, rate(etcd_network_peer_round_trip_time_seconds_bucket[5m])) > 0.15`,
			About: "the 99th percentile of the round trips to one peer is above 0.15 s",
		},
		{
			Name: "etcdDatabaseQuotaLowSpace", Severity: critical, For: 10 * time.Minute,
			Expr: `100 * last_over_time(etcd_mvcc_db_total_size_in_bytes[5m])
				/ last_over_time(etcd_server_quota_backend_bytes[5m]) > 95`,
			About: "the store's file fills more than 95% of its quota",
		},
		{
			Name: "etcdExcessiveDatabaseGrowth", Severity: warning, For: 10 * time.Minute,
			Expr:  `predict_linear(etcd_mvcc_db_total_size_in_bytes[4h], 4h) > etcd_server_quota_backend_bytes`,
			About: "at the growth rate of the last four hours, the store reaches its quota within the next four",
		},
		{
			Name: "etcdDatabaseHighFragmentationRatio", Severity: warning, For: 10 * time.Minute,
			Expr: `last_over_time(etcd_mvcc_db_total_size_in_use_in_bytes[5m])
				/ last_over_time(etcd_mvcc_db_total_size_in_bytes[5m]) < 0.5
				and etcd_mvcc_db_total_size_in_use_in_bytes > 104857600`,
			About: "less than half of the store's file is in use, and more than 100 MiB of it",
		},
	}
}

// failedRequests is the percentage of each method's requests that end with a code that is
// the server's fault or says that it could not serve.
const failedRequests = `100 *
	sum by (job, instance, grpc_service, grpc_method) (rate(grpc_server_handled_total{
		grpc_code=~"DataLoss|DeadlineExceeded|FailedPrecondition|Internal|ResourceExhausted|Unavailable|Unknown"
	}[5m]))
	/ sum by (job, instance, grpc_service, grpc_method) (rate(grpc_server_handled_total[5m]))`

// Rule is a rule of Prometheus' kind: a condition, and how long it must hold.
type Rule struct {
	// Name is the mixin's. Where the mixin has a warning and a critical rule of the same
	// name, ".critical" stands behind the second.
	Name     string
	Severity string        // warning or critical
	For      time.Duration // how long the condition must hold, at production's pace
	Expr     string        // PromQL, with production's windows
	About    string        // what a firing alert means, in a few words that follow the name
}

// Family is the name without the severity.
func (r Rule) Family() string {
	family, _, _ := strings.Cut(r.Name, ".")
	return family
}

// RuleNamed finds a rule.
func RuleNamed(name string) (Rule, bool) {
	for _, r := range Rules() {
		if r.Name == name {
			return r, true
		}
	}
	return Rule{}, false
}
