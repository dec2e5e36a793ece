// Package etcdsim runs scenarios on real etcd members, in real time, in one process.
//
// The lower floor is [Cluster]: one to seven members, each behind a port for its peers (package
// peerlink) and one for its clients (package clientport), each on a disk that can misbehave (package
// diskfault) and with a log that is read as it is written (package memberlog). Members crash, start,
// pause and die on their own without disturbing the process.
//
// The upper floor is [Engine]: it turns a sim.Scenario into calls of a Cluster and what it hears from
// it into the events of a trace.
//
// The members are etcd's own code with etcd's own settings. What stands in for the real world is the
// network between them, the speed of their disks, and the way in which a process dies: it is stopped
// from inside, after everything that others could notice of it has been cut off.
//
// Start reading at cluster.go, then member.go (the life of a member), then engine.go.
package etcdsim
