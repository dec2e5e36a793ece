// Package text has the pure text functions that every room shares: how a text is broken
// into lines and hangs behind its label, how rows become a table, and how a number goes
// with its noun.
//
// Widths are in terminal columns: escape sequences have none, and a letter that a terminal
// shows two columns wide has two. Nothing here knows a terminal; the rules for it are in
// cmd/quorumlab/terminal.go. Start at Hanging.
package text
