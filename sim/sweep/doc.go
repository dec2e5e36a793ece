// Package sweep is the arithmetic of running a scenario many times.
//
//	Scenario, Sweep ──▶ Design ──▶ (trials, run by somebody) ──▶ Records ──▶ Summary ──▶ table, CSV, JSON
//
// A [Design] numbers the trials: each is a variation of the scenario and a seed, so that
// a trial can be run anywhere, at any time, in any order. What a trial leaves are
// [Records] of fixed size, in a file, at a place that its number says. A [Summary] is a
// function of the design and the records alone. So a sweep comes out the same, byte for
// byte, however many workers ran it, in one go or with interruptions, on one machine
// or as shards that were merged.
//
// Nothing here grows with the number of trials but the file: the quantiles are exact
// all the same, see select.go.
//
// Start reading at design.go, then summary.go.
package sweep
