// Package diskfault slows, stalls and breaks the disk of chosen members of an embedded etcd cluster,
// without a special file system and without privileges.
//
// etcd times each WAL write, WAL fsync and commit of its database with a Prometheus histogram in a
// package variable, and calls Observe on the goroutine that did the work, before anything uses the
// result. The variables are replaced by spies (go:linkname) that wait as long as the member's disk
// demands. A profiler label that all goroutines of a member inherit from the one that started it
// says whose disk it is.
//
// Input: Disk.Run around the start of a member. Output: the same member on a disk that can be slowed,
// stalled, broken at its next operation and copied (Image).
//
// The hook works for one exact version of etcd. Available reports whether it is in place.
package diskfault
