// Package mutants plants bugs in raft and in the sim engine, one at a time, which the random scenarios of package swarm
// must find.
//
//	a bug ──overlay──▶ go test -c ──▶ program ──random scenarios──▶ found, by this check
//
// raft is patched in a copy of its module, which a copy of go.mod points to; nothing of it is kept here. The bugs are
// in testdata/raft.txt and testdata/engine.txt, what was found in testdata/found.txt, and what random scenarios do not
// reach, with the reasons, in testdata/unreached.txt.
//
// All is in tests. Start reading at mutants_test.go, then table_test.go and coverage_test.go.
package mutants
