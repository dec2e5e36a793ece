// Package compare measures how well the simulator predicts real etcd: it sets the runs of a scenario on the
// sim engine against those on real members.
//
//	scenario, engine ──Repetition──▶ Measured, one a run ──Between──▶ Agreement: rows ──▶ Comparison
//
// A [Repetition] runs a scenario many times on one engine, which is given as a value, and collects the values
// that the runs gave, one per run or one per operation. Two repetitions give the medians, their ratio, and the
// distance between the two distributions.
//
//	repeat.go   runs of one engine, and the rows of two
//	sample.go   the values of one engine: quantiles, the empirical distribution
//	row.go      two samples of a measure, and whether they agree
//	table.go    the comparison of several scenarios, for programs and as CSV; markdown.go as Markdown
//
// Start reading at row.go.
package compare
