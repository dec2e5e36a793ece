package postgres

import (
	"bytes"
	"io"
	"strings"
	"sync"
)

// logbook reads the log of a run as it is written.
type logbook struct {
	file    io.Writer // keeps all of it
	standby bool      // ready when it can be read

	mu    sync.Mutex
	rest  []byte   // the beginning of a line
	lines []string // the last ones
	ready chan struct{}
	is    bool // ready
}

// keptLines is how many lines of a log are kept in memory.
const keptLines = 500

func newLogbook(file io.Writer, standby bool) *logbook {
	return &logbook{file: file, standby: standby, ready: make(chan struct{})}
}

// Write never fails: what is left of a log is better than a server that has none.
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

// take takes a line.
func (b *logbook) take(line string) {
	if b.lines = append(b.lines, line); len(b.lines) > 2*keptLines {
		b.lines = append([]string(nil), b.lines[keptLines:]...)
	}
	if !b.is && b.tellsReady(line) {
		b.is = true
		close(b.ready)
	}
}

// tellsReady tells whether the server has got where its start leads: it takes writes, or it is a standby
// and can be read, or its recovery has reached its target and waits there for what one decides.
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

// text is what was written last.
func (b *logbook) text() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var t strings.Builder
	for _, l := range b.lines {
		t.WriteString(l + "\n")
	}
	return t.String() + string(b.rest)
}

// severities are PostgreSQL's words that begin a line, after when and who.
var severities = []string{"PANIC", "FATAL", "ERROR", "WARNING", "LOG", "DETAIL", "HINT", "CONTEXT", "STATEMENT"}

// split takes a line apart; one that is not PostgreSQL's usual has no severity.
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

// reason is why a server ended: its last FATAL or PANIC, with detail and hint, or its last line when it
// had none.
func (b *logbook) reason() string {
	lines := strings.Split(strings.TrimSpace(b.text()), "\n")
	at := -1
	for i, l := range lines {
		// Who logs in too early or too late gets one of these, which is no reason.
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
