// Package raftsim runs a scenario in virtual time: real go.etcd.io/raft/v3 nodes
// under one queue of events, on one goroutine. The same scenario and seed give the
// same trace, byte for byte, on every platform and alongside any other run.
//
// In comes a [sim.Scenario], out go events to a [sim.Recorder]; see [Engine].
//
//	engine.go   what the engine takes and refuses; Run
//	run.go      the clock: queue, loop, script, end of a run
//	member.go   a member's process around its raft.RawNode: boot, crash, pause
//	node.go     the raft.RawNode of a process that starts
//	loop.go     what a member does with a Ready, as etcd does or asynchronously
//	ticker.go   raft's ticks, skipped where they have no effect (peek.go)
//	hasten.go   the election clock of a member that comes back, moved on as in etcd
//	backend.go  the database: its commits, and what waits for them
//	disk.go     what is written, what is synced, and what a crash leaves
//	change.go   changes of the membership; reconfig.go has the rules of etcd's server for them
//	network.go  the links between members; lane.go is their sending end
//	store.go    the key-value store with etcd's revisions
//	client.go   the clients of the workload; serve.go is the members' side
//	cluster.go  the powers that statements have (sim.Cluster)
//	random.go   alone with crypto/rand, through which raft draws its timeouts
//
// Start reading at engine.go, then run.go.
//
// # What is as in etcd, and what is not
//
// A member does around raft what etcd's server does: the order of sending and
// writing, one tick at most after a stop, the ReadIndex of many reads at once and
// its retry, snapshots sent as of now and on a connection of their own, the log kept
// while one is sent, the rules by which changes of the membership are refused, a process that
// ends when a write fails or when it is removed, the database that is committed ten
// times a second and lets nothing be applied or read meanwhile, the election clock that
// a restarted member advances (the founders of a cluster wait for raft's plain timeout,
// in both engines).
//
// Not modelled are: processors, except for the time that requests and messages took at the same
// moment on a machine that was measured (Engine.Machine); values, which are numbers here and
// count with their size on limited links and in snapshots only; and reads of old revisions, which
// count in the file of the database alone: it has them until they are compacted, and a snapshot is the
// whole file.
//
// A crash is a power cut: what was written but not synced is gone, except that a
// coin decides about the write under way. The store survives as far as the disk
// knew it to be committed.
//
// # What it costs
//
// The limit is raft itself. Of a trial of Figure 16 (sweep figure-16: five members start,
// one is elected, three writes, a crash, an election) 62% of the processor time is spent
// inside go.etcd.io/raft, an eighth in raft.NewRawNode alone; the rest is this package,
// the safety rules and the garbage of both. It took 0.18 ms on one machine and 0.25 ms on a
// slower one. A new node costs so much because raft restores a configuration member by
// member; node.go does it at once. What is left to gain is to copy nodes that have just
// started, which means to copy raft's private state.
//
// Checked as it runs, without a trace of all messages, as a trial of a sweep is, an entry takes
// 1.1 to 1.4 times what a bare loop of RawNodes takes for it with one proposal in flight, and less
// than that loop with 64. With all messages kept it is 1.3 times where memory is cheap, and up to
// 2.8 times where a fresh page costs 15 us, as on some virtual machines: an entry is 40 to 60
// events of 136 bytes.
//
// An idle cluster of five with etcd's timing passes 15,000 to 25,000 seconds in one of a
// processor, with heartbeats every 50 ms half or a quarter of that. Under 200 operations a second
// it passes 160 to 250, with every event kept and judged. A bare loop of five RawNodes takes about
// 20 us for an entry, so that without any harness it would be little more. Ticks cost nothing until
// they have an effect.
//
// The cost grows in proportion to events: to trials, to operations (more slowly when they
// come so fast that messages carry many) and, up to some thirty members, to members. Beyond that raft takes its share
// of a second power: its leader reads
// the progress of all members at each acknowledgement, a quarter of the time with 101.
//
// These numbers are from one machine; `make bench` gives those of another, among them the
// engine as a multiple of the bare loop, and `make bench-plot` draws the growth.
package raftsim
