// Package play runs what a visitor of the page plays with: a scenario on the sim engine, to which each gesture adds a
// statement at its moment.
//
//	scenario so far, moment, statement ──Do──▶ scenario, run from the start, packed for the player
//
// There is no state but the scenario: a step back, a fork and a change in the past are all the same run again from
// the seed, whose events up to the new statement are the same. So what was played is a scenario file, which
// quorumlab run reproduces byte for byte.
//
// Requests come from a browser, so everything in them is bounded.
//
// Start reading at play.go.
package play
