package postgres

import (
	"fmt"
	"io"
	"strings"
	"testing"
)

const stamp = "2026-11-29 02:41:45.123 UTC [123] "

func TestLogTellsWhenTheServerIsReady(t *testing.T) {
	const (
		writable = stamp + "LOG:  database system is ready to accept connections"
		readable = stamp + "LOG:  database system is ready to accept read-only connections"
		paused   = stamp + "LOG:  pausing at the end of recovery"
		said     = stamp + "LOG:  statement: select 'LOG:  database system is ready to accept connections'"
	)
	for _, test := range []struct {
		name, line     string
		standby, ready bool
	}{
		{"writable", writable, false, true},
		{"readable in a recovery that goes on", readable, false, false},
		{"readable standby", readable, true, true},
		{"paused recovery", paused, false, true},
		{"a statement that says so", said, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newLogbook(io.Discard, test.standby)
			for _, part := range []string{test.line[:10], test.line[10:], "\n" + test.line + "\n"} {
				if b.is {
					t.Fatal("it is ready before the line is whole")
				}
				fmt.Fprint(b, part)
			}
			if b.is != test.ready {
				t.Errorf("ready: %v", b.is)
			}
		})
	}
}

func TestReason(t *testing.T) {
	for _, test := range []struct {
		name string
		log  []string
		want string
	}{
		{"the last FATAL with its hint", []string{
			stamp + "FATAL:  the first", stamp + "LOG:  between",
			stamp + "FATAL:  could not open file", stamp + "DETAIL:  It is away.", stamp + "HINT:  Look for it.",
			stamp + "LOG:  database system is shut down"}, "could not open file; It is away.; Look for it."},
		{"not what those are told who are too early", []string{
			stamp + "PANIC:  could not write", stamp + "FATAL:  the database system is starting up"}, "could not write"},
		{"the last line when nothing else is known", []string{
			stamp + "LOG:  starting", "postgres: could not find the folder"}, "postgres: could not find the folder"},
		{"silence", nil, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newLogbook(io.Discard, false)
			fmt.Fprint(b, strings.Join(test.log, "\n"))
			if got := b.reason(); got != test.want {
				t.Errorf("it is %q, want %q", got, test.want)
			}
		})
	}
}

func TestLogIsKeptWithinBounds(t *testing.T) {
	b := newLogbook(io.Discard, false)
	for i := range 10 * keptLines {
		fmt.Fprintln(b, i)
	}
	lines := strings.Split(strings.TrimSpace(b.text()), "\n")
	if n := len(lines); n < keptLines || n > 2*keptLines || lines[n-1] != fmt.Sprint(10*keptLines-1) {
		t.Errorf("%d lines up to %s", n, lines[n-1])
	}
}
