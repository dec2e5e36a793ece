// Package raftsim runs a scenario in virtual time: real go.etcd.io/raft/v3 nodes
// under one queue of events, on one goroutine. The same scenario and seed give the
// same trace, byte for byte, on every platform and beside any other run.
//
// In comes a [sim.Scenario], out go events to a [sim.Recorder]; see [Engine].
//
//	engine.go   what the engine takes and refuses; Run
//	run.go      the clock: queue, loop, script, end of a run
//	member.go   a member's process around its raft.RawNode: boot, crash, pause
//	loop.go     what a member does with a Ready, as etcd does or asynchronously
//	ticker.go   raft's ticks, skipped where they have no effect (peek.go)
//	disk.go     what is written, what is synced, and what a crash leaves
//	network.go  the links between members; lane.go is their sending end
//	store.go    the key-value store with etcd's revisions
//	client.go   the clients of the workload; serve.go is the members' side
//	cluster.go  the powers that statements have (sim.Cluster)
//	random.go   alone with crypto/rand, through which raft draws its timeouts
//
// Start reading at engine.go, then run.go.
package raftsim
