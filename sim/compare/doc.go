// Package compare says how well a model predicts what it is a model of: the runs of a scenario on the sim
// engine against those on real etcd members.
//
//	scenario, engine ──Repetition──▶ Measured, one a run ──Between──▶ Agreement: rows ──▶ Comparison
//
// A [Repetition] runs a scenario many times on one engine, which is given as a value; out come the values that
// the runs gave, one a run or one an operation. Of two repetitions come the medians, their ratio, and how far
// the two distributions lie apart.
//
//	repeat.go   runs of one engine, and the rows of two
//	sample.go   the values of one engine: quantiles, the empirical distribution
//	row.go      two samples of a measure, and whether they agree
//	table.go    the comparison of several scenarios, for programs and as CSV; markdown.go as Markdown
//
// Start reading at row.go.
package compare
