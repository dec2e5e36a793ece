// Package text has what is needed to write for people: lists, plurals, the nearest word,
// what a shell would take apart, and how a text is broken into lines, hangs behind its
// label or becomes a table. It knows nothing of clusters and has no state.
//
// Widths are in terminal columns: escape sequences have none, and a letter that a terminal
// shows two columns wide has two. Nothing here knows a terminal; the rules for it are in
// cmd/quorumlab/terminal.go. Start at Hanging.
package text
