// Package drill restores a base backup of PostgreSQL into a private server, verifies it, and says how long that took
// and what would be lost: a restore drill.
//
// [Parse] reads what to restore and what must come of it (config.go). [Run] looks at the backup and the archive
// (source.go), copies the backup into a home of package postgres, recovers, verifies (run.go), and makes a [Report],
// which is also written as metrics (report.go). The backup and the archive are only read.
//
// Start reading at run.go.
package drill
