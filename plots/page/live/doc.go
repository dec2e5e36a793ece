// Package live serves a running sandbox to a page in a browser: what happens in it, and what the page tells it to do.
//
//	sandbox.Watch ──replay.Encode──▶ a piece of the run, again and again
//	a line of the page ──▶ sandbox.Do ──▶ the same answer as quorumlab do has
//
// The page pulls: it asks for what came after the last event that it has, and the answer waits until there is
// something. So a slow browser costs no memory, and many cost no more than one.
//
// Start reading at live.go.
package live
