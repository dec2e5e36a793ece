//go:build !js

package spool

// mostInMemory is how many bytes a spool holds in memory, before it writes all but the newest block to a file.
const mostInMemory = 4 << 20
