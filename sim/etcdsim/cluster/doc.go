// Package cluster runs clusters of real etcd members on this machine, and breaks them.
//
// A [Real] cluster has one to seven members, each behind a port for its peers (package peerlink) and
// one for its clients (package clientport), each on a disk that can misbehave (package diskfault) and
// with a log that is read as it is written (package memberlog). Members crash, start, pause and die on
// their own. What goes in are [Options] and calls; what comes out are answers, and calls of
// the [Hooks]. There is no scenario and no trace here: lessons use clusters directly, and package etcdsim
// carries out scenarios on them.
//
// The members are etcd's own code with etcd's own settings. What stands in for the real world is the
// network between them and the speed of their disks.
//
// A member runs in one of two ways (process.go). Embedded in this process it is cheap and quick, and
// its death is simulated: it is stopped from inside, after everything that others could notice of it has
// been cut off. In a process of its own (child.go), which is this program started again (package
// helper), a crash is a SIGKILL, a pause a SIGSTOP, and its metrics are not mixed with others'. The
// ports are in this process either way. [Main] must be called first of all in a program that has such
// members; it also makes the guard work (package guard), which cleans up after a program that was
// killed.
//
// A cluster may speak TLS (Options.TLS). Its authorities and certificates (package certs) are made by
// trust.go; roles.go has users and what they may do; access.go has clients of all kinds try to get in,
// and rotate.go gives members new certificates while they run.
//
// The type is called Real because sim.Cluster is what any cluster, real or simulated, can do for a
// scenario.
//
// Start reading at cluster.go, then member.go (the life of a member), then process.go.
package cluster
