// Package swarm draws random scenarios, which look for failures that nobody thought of.
//
//	base scenario, seed ──Draw──▶ sim.Scenario ──(an engine, the checks)──▶ a finding, or none
//
// A drawn scenario has two phases. In the first, everything that Raft is made for goes
// wrong: links are cut, lose, delay, duplicate and reorder, members crash, pause, campaign and change, disks and
// clocks are slow. Nothing needs to work, and nothing may be wrong. Then all of it heals, and
// the cluster owes a commit within the bound of the check progress; the run is long enough
// for that check to decide.
//
// On sim each scenario draws which kinds of trouble it has, and how late messages and writes may come: from a
// fraction of an election to several of them.
//
// For etcd it is drawn without duplicates, reordering and drifting clocks, with compactions,
// defragmentations, and clients that watch keys and must miss nothing.
//
// Nothing is drawn that the protocol need not survive: no disk that lies about what it
// kept, no wiped disk, no lease reads under clocks that drift, no cluster that shrinks to one voter. So each failure is
// a finding: of the software under test, of the model, or of a check. Package mutants measures which bugs they find.
//
// Start reading at draw.go, then kinds.go (sim), etcd.go and faults.go (what both share).
package swarm
