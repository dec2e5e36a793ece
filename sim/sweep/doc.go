// Package sweep runs a scenario many times, over seeds and settings, and says what the runs have in common.
//
//	Scenario, Sweep ─▶ Design ─Trials, Work─▶ Records ─Sum─▶ Summary ─▶ table, CSV, JSON, pages
//
// A [Design] numbers the trials: each is a variation of the scenario and a seed, so that a trial can be run
// anywhere, at any time, in any order. [Trials] runs them on an engine, which is given as a value: any that
// may run several scenarios at the same time will do, and one that comes out the same for a seed makes a sweep
// that does. What a trial leaves are [Records] of fixed size, in a file, at a place that its number says. A
// [Summary] is a function of the design and the records alone. So a sweep comes out the same, byte for byte,
// however many workers ran it, in one go or with interruptions, on one machine or as shards that were merged.
//
// [Work] is the folder of a sweep: OpenWork begins it or goes on with it, RunAll runs what is missing, and
// Conclude leaves the summary and gives the folder its name. [Merge] makes the work of the whole from the
// folders of its shards.
//
// Nothing here grows with the number of trials but the file: the quantiles are exact all the same, see
// select.go. Trials cost no more than what is asked of them, see package run.
//
// Start reading at design.go, then trials.go, work.go and summary.go.
package sweep
