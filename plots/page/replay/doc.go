// Package replay packs a trace for the page: what a player in a browser needs of a run, small and quick to read.
//
//	trace, verdicts ──Encode──▶ bytes ──(inlined in a report, or served)──▶ web/src/record.ts
//
// The bytes are compressed with gzip. Inside are a head in JSON, with names, story and verdicts, and the
// events by columns: all kinds, all times, all terms. Numbers are written as differences from the one before
// of the same kind. A trace takes about a fortieth of what it takes as JSON lines.
//
// The package draws nothing and needs nothing of the machine, so that it also runs in a browser.
//
// Start reading at encode.go.
package replay
