// Package shrink makes a failing scenario small.
//
//	judged run ──FailureOf──▶ Failure
//	scenario, "does it fail the same way?" (Failure.Is) ──Shrink──▶ the smallest scenario that was found
//
// It removes steps by delta debugging, then members, then load, then time, by halving what it
// takes away, and replaces settings by the language's defaults, until nothing more
// can go. Each smaller scenario is tried with a few seeds, since what is random turns
// out differently in it. The result depends on the scenario alone: the same one always
// shrinks to the same.
//
// Start reading at shrink.go, then passes.go and failure.go.
package shrink
