// Package diskfault slows, stalls and breaks the disk of chosen members of an embedded etcd cluster,
// without a file system of its own and without privileges.
//
// etcd times each WAL write, WAL fsync and commit of its database with a Prometheus histogram in a
// package variable, and calls Observe on the goroutine that did the work, before anything uses the
// result. The variables are replaced by spies (go:linkname) that wait as long as the member's disk
// says. Whose disk it is shows in the profiler label that all goroutines of a member inherit from
// the one that started it.
//
// In: Disk.Run around the start of a member. Out: the same member on a disk that can be slowed,
// stalled, broken at its next operation and copied (Image).
//
// The hook holds for one exact version of etcd. Available says whether it took.
package diskfault
