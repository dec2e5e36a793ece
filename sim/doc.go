// Package sim holds the nouns of quorumlab: what goes into a run and what comes
// out of it.
//
//	Scenario ──▶ Engine ──▶ Trace (events) ──▶ checks, measures, plots, report
//
// A [Scenario] says what the cluster is, what its clients do and what goes wrong
// when. An [Engine] runs it: sim/raftsim in virtual time on the real raft code,
// sim/etcdsim in real time on real etcd members. What happened comes out as a
// [Trace] of flat [Event] values, and everything that is said about a run
// afterwards is said from its trace.
//
// The package holds the nouns only: the languages that use them are elsewhere. Package script reads the
// statements of a script and carries them out on a [Cluster], by the small powers that an engine
// has; package check has the measures and the checks, and reads the expectations that name them;
// package scenarios reads the file.
//
// A trace may have more events than the memory holds, see [Recorder.Stream].
//
// The package has no clock, no goroutine and no I/O but readers, writers and that spool, and
// imports the standard library and internal only. Start reading at scenario.go, then event.go.
package sim
