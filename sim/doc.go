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
// A line of a scenario's script is a [Statement]. Its verb is one file here,
// verb_NAME.go, which registers itself; it asks the running [Cluster] only for
// small powers (set a link, stop a member, slow a disk), which both engines have.
// Between the two stands the [Injector]: it resolves "leader" to a member when
// the statement fires, keeps what is broken at the moment, and writes the trace's
// fault events, so that a fault means the same on both engines.
//
// The package has no clock, no goroutine and no I/O but readers and writers, and
// imports the standard library only. Start reading at scenario.go, then event.go.
package sim
