// Package text has what is needed to write for people: lists, plurals, the nearest word,
// quoting for a shell, breaking text into lines, hanging it after a label, and tables. It
// knows nothing of clusters and has no state.
//
// Widths are in terminal columns: escape sequences have none, and a character that a terminal
// shows two columns wide counts as two. Nothing here knows a terminal; the rules for it are in
// cmd/quorumlab/terminal.go. Start at Hanging.
package text
