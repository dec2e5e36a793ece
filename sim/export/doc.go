// Package export writes what other clusters run: manifests and scripts.
//
//	a sweep's words ──IndexedJob, Slurm──▶ a Kubernetes Job, a Slurm array, a shard each
//	sim.Scenario    ──ChaosMesh─────────▶ a Chaos Mesh Workflow for a real etcd
//
// A sweep is a pure function of its words, so that its shards can run anywhere, again and
// in any order; merging them gives the bytes of the whole.
//
// A scenario's faults become objects of Chaos Mesh, one counterpart a statement
// (counterpart_*.go). What differs is said in the manifest; a statement without a
// counterpart is refused with the reason. Nothing is looked up on a cluster: who leads is
// asked there, when the step comes (situation.go).
//
// Start reading at job.go, then chaosmesh.go.
package export
