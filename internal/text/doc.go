// Package text has what is needed to write for people: lists, plurals, the nearest word,
// and what a shell would take apart. It knows nothing of clusters and has no state.
package text
