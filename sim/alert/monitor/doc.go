// Package monitor watches the metrics of real members as a Prometheus server would, and
// evaluates alert rules on them.
//
//	/metrics ──scrape──▶ store (a storage.Queryable) ──promql──▶ for machine ──▶ events
//
// A [Monitor] reads each target's metrics once a round, as samples of the same moment.
// Prometheus' own libraries handle text and expressions (model/textparse, promql);
// this package stands in for what they leave to a server: the storage, which keeps only the
// metrics that the rules name, for as long as their windows reach; the up series and the
// staleness of what a target no longer reports; and the three states of an alert. The rules
// themselves are in package alert.
//
// What was scraped can also be kept: a [MetricsRecording] is a file in the notation of promtool's unit
// tests, and a [Player] evaluates rules on it as if each of its moments were the present.
//
// Start reading at monitor.go, then recording.go and player.go.
package monitor
