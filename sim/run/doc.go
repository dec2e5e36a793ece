// Package run is the main path: from a scenario and an engine to a judged run, and to the folder that it
// leaves. Every command, lesson and sweep uses it, and so can any other program.
//
//	scenario, engine, Options ──Do──▶ Judged: trace, verdicts, measures ──Leave──▶ a folder
//
// [Do] watches the raft safety rules while the run goes on, records its events, ends it when it has more
// of them than any healthy run, and judges what it has. Options make it do less: with questions
// (Options.Ask) it computes nothing else, and keeps only those events that the answers need, or none
// where meters can read them off the run as it goes on. That is the cheap path for the trials of a sweep.
// A live cluster, whose scenario has no fixed end, starts with [Begin], which supplies the recorder, and
// ends with [Underway.End]; Do is built from the same two. A program that has a trace that was
// saved begins with [Judge].
//
// A run that has no end, because its members answer each other over and over, is bounded here
// ([MostEvents]) and judged here: it fails the check named [Bounded], with the events recorded up to then.
//
// # What a run leaves
//
// [Leave] writes a folder under a temporary name and renames it when it is complete, so that a program that
// dies leaves no half-written report, and an older folder is replaced only by a complete one. The folder's
// contents are [FolderPart]s, named writers that are passed in. The run's own are here: [Judged.SummaryPart] and
// [Judged.TracePart]. Pictures and pages are not: they build on the checks, the sweeps and the plans,
// which build on this package; package plots/folders puts them together. So a program that wants a summary
// and a trace needs no drawing library.
//
// Start reading at run.go, then ask.go, bound.go and folder.go.
package run
