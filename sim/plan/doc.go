// Package plan answers a cluster's what-ifs with numbers: how many members, where,
// with which timeouts, how fast, how large, and how long it is down.
//
// An [Input] comes in, a [Plan] goes out. Every answer of a plan is an [Answer]: a
// sentence for people, the numbers behind it, the rule that gives them and its
// source. [Make] is the place to start reading; each family of answers is a file.
//
// The rules are closed forms, or sums over a grid where no closed form is known.
// Each has a twin in the tests that comes to the same result in another way:
// counting states, drawing many samples, running the simulator or real etcd.
package plan
