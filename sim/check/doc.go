// Package check judges runs by their traces.
//
//	Trace ──▶ checks ──▶ verdicts ─┐
//	      └─▶ measures ─▶ numbers ─┴─▶ Result ──▶ terminal, summary.json, report
//
// [Judge] is the entry point. It asks every check that is always on, then what the
// scenario expects, and reads all measures off the trace. A check is one file that
// registers itself, and so is a family of measures; what a measure counts exactly stands in
// its About sentence, over which window in its [sim.WindowRule], and how, at its function.
//
// The checks only read the trace, with one exception: [Safety] judges each event
// as it happens, as an observer of the run, because the kinds that it needs are
// often too many to keep.
//
// [Story] tells a run in sentences, and [Visualize] draws the client history.
//
// All verdicts, measures and sentences depend on the trace alone: no clock, no
// random numbers, and bounds that count work instead of time. Start reading at
// judge.go, then run.go.
package check
