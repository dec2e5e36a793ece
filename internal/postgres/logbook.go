package postgres

import (
	"bytes"
	"io"
	"strings"
	"sync"
)

// logbook reads the log of a run while it is written. It is the server's stdout and stderr.
type logbook struct {
	file    io.Writer // gets the whole log
	standby bool      // the server is ready when it accepts read-only connections

	mu    sync.Mutex
	rest  []byte   // an unfinished line
	lines []string // the last lines
	ready chan struct{}
	is    bool // ready is closed
}

// keptLines is how many lines of a log stay in memory at least.
const keptLines = 500

func newLogbook(file io.Writer, standby bool) *logbook {
	return &logbook{file: file, standby: standby, ready: make(chan struct{})}
}

// Write never fails: if the file can't be written, the lines in memory are still useful.
func (b *logbook) Write(p []byte) (int, error) {
	_, _ = b.file.Write(p)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rest = append(b.rest, p...)
	for {
		line, rest, ok := bytes.Cut(b.rest, []byte("\n"))
		if !ok {
			return len(p), nil
		}
		b.take(string(line))
		b.rest = rest
	}
}

// take adds a line.
func (b *logbook) take(line string) {
	if b.lines = append(b.lines, line); len(b.lines) > 2*keptLines {
		b.lines = append([]string(nil), b.lines[keptLines:]...)
	}
	if !b.is && b.tellsReady(line) {
		b.is = true
		close(b.ready)
	}
}

// tellsReady reports whether a line says that the start is done: the server accepts writes, or reads if it is
// a standby, or its recovery has paused at the target.
func (b *logbook) tellsReady(line string) bool {
	switch severity, message := split(line); {
	case severity != "LOG":
		return false
	case message == "database system is ready to accept connections", message == "pausing at the end of recovery":
		return true
	default:
		return b.standby && message == "database system is ready to accept read-only connections"
	}
}

// text is the last part of the log.
func (b *logbook) text() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var t strings.Builder
	for _, l := range b.lines {
		t.WriteString(l + "\n")
	}
	return t.String() + string(b.rest)
}

// severities are the words that PostgreSQL begins a line with, after the time and the process.
var severities = []string{"PANIC", "FATAL", "ERROR", "WARNING", "LOG", "DETAIL", "HINT", "CONTEXT", "STATEMENT"}

// split splits a line into severity and message. A line in another format has no severity.
func split(line string) (severity, message string) {
	_, said, ok := strings.Cut(line, "] ")
	if !ok {
		said = line
	}
	for _, s := range severities {
		if m, ok := strings.CutPrefix(said, s+":  "); ok {
			return s, m
		}
	}
	return "", said
}

// reason is why the server ended: the last FATAL or PANIC with its detail and hint, or else the last line.
func (b *logbook) reason() string {
	lines := strings.Split(strings.TrimSpace(b.text()), "\n")
	at := -1
	for i, l := range lines {
		// "the database system is starting up" and the like are for clients, and not why the server ended.
		severity, message := split(l)
		if (severity == "FATAL" || severity == "PANIC") && !strings.HasPrefix(message, "the database system is ") {
			at = i
		}
	}
	if at < 0 {
		_, message := split(lines[len(lines)-1])
		return message
	}
	_, reason := split(lines[at])
	for _, l := range lines[at+1:] {
		severity, message := split(l)
		if severity != "DETAIL" && severity != "HINT" {
			break
		}
		reason += "; " + message
	}
	return reason
}
