// Package script is the language of a scenario's steps: what a statement looks like, and what it
// does to a running cluster.
//
//	"slow-disk leader 200ms" ──Parse──▶ sim.Statement ──Injector.Fire──▶ sim.Cluster
//
// A statement's first word is its [Verb]. The verbs stand in files by what they work on (network.go,
// disk.go, process.go, membership.go, store.go, backup.go, damage.go, load.go, access.go); each says
// the shape of its arguments, the powers that it needs of a cluster, the sentences that describe it, and
// what it does. An [Arg] is one shape of an argument: the one value that reads it, writes it and tells it.
//
// A verb asks the cluster only for small powers (set a link, stop a member, slow a disk), which every
// engine has or refuses before the start. Between the two stands the [Injector]: it resolves "leader" to
// a member when the statement fires, keeps track of what is broken, and writes the trace's fault
// events, so that a fault means the same on every engine.
//
// Start reading at verb.go, then network.go, then injector.go.
package script
