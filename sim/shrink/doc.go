// Package shrink makes a failing scenario small.
//
//	judged run ──FailureOf──▶ Failure
//	scenario, "does it fail the same way?" (Failure.Is) ──Shrink──▶ the smallest scenario that was found
//
// It removes steps by delta debugging, then members, then load, then time, by halving what
// it takes away, and puts the language's defaults in the place of settings, until
// nothing of that can go. Each smaller scenario is tried with a few seeds, since what
// is random falls out differently in it. Nothing depends on anything but the scenario:
// the same one shrinks to the same.
//
// Start reading at shrink.go, then passes.go and failure.go.
package shrink
