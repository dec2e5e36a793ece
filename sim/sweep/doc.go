// Package sweep runs a scenario many times, over seeds and settings, and summarizes the runs.
//
//	Scenario, Sweep ─▶ Design ─Trials, Work─▶ Records ─Sum─▶ Summary ─▶ table, CSV, JSON, pages
//
// A [Design] numbers the trials: each is a variation of the scenario and a seed, so that a trial can be run
// anywhere, at any time, in any order. [Trials] runs them on an engine, which is given as a value: any that
// can run several scenarios at the same time will do, and one that is deterministic makes a deterministic sweep.
// A trial leaves a record of fixed size in a file of [Records], at a place given by its number. A
// [Summary] is a function of the design and the records alone. So a sweep gives the same result, byte for byte,
// however many workers ran it, in one go or with interruptions, on one machine or as shards that were merged.
//
// [Work] is the folder of a sweep: OpenWork starts or resumes it, RunAll runs what is missing, and Conclude
// writes the summary and gives the folder its name. [Merge] makes the work of the whole from the
// folders of its shards.
//
// Only the file grows with the number of trials: the quantiles are exact all the same, see select.go.
// Trials compute only what is asked of them, see package run.
//
// Start reading at design.go, then trials.go, work.go and summary.go.
package sweep
