// Package etcdsim runs scenarios on real etcd members, in real time.
//
// [Engine] turns a sim.Scenario into calls of a cluster of real members (package cluster), and what the
// cluster reports into the events of a trace. The clients of the workload, those of the statements, and
// the watches on sizes and alarms are its own. Package sim/alert/monitor scrapes the members during a run
// and evaluates the rules that operators of etcd use.
//
// A run has a fixed end (Engine.Run) or goes on until it is closed (Engine.Open): a [Live] takes its
// statements while it runs. A [MachineMeter] measures how long members take on this machine, so that
// the sim engine can predict runs here.
//
// A program must call cluster.Main first of all, so that members can have processes of their own.
//
// Start reading at engine.go, then run.go (a run from start to end) and powers.go (what a statement can
// do to it).
package etcdsim
