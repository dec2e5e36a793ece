package mutants

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// mutant is a bug that is planted: some lines of a file and what takes their place.
type mutant struct {
	name, about string
	file        string // of its source tree
	old, new    string // whole lines; old stands in the file once
	missed      string // why random scenarios don't find it

	dir string // the source tree
}

// The tables of bugs.
const (
	ofRaft   = "testdata/raft.txt"
	ofEngine = "testdata/engine.txt"
)

// all reads both tables; the bugs are in these source trees.
func all(t *testing.T, raft, engine string) []mutant {
	t.Helper()
	return append(read(t, ofRaft, raft), read(t, ofEngine, engine)...)
}

// read reads a table.
func read(t *testing.T, table, dir string) (list []mutant) {
	t.Helper()
	text, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	entries := strings.Split(string(text), "\n== ")
	for _, entry := range entries[1:] { // what stands before them says how they are written
		m, err := parse(entry)
		if err != nil {
			t.Errorf("%s: %v:\n%s", table, err, entry)
		}
		m.dir = dir
		list = append(list, m)
	}
	return list
}

// parse reads one bug.
func parse(entry string) (m mutant, err error) {
	head, rest, _ := strings.Cut(entry, "\n")
	where, rest, _ := strings.Cut(rest, "\n")
	change, missed, _ := strings.Cut(rest, "\nmissed: ")
	var ok, in bool
	m.name, m.about, ok = strings.Cut(head, ": ")
	m.file, in = strings.CutPrefix(where, "in ")
	m.missed = strings.Join(strings.Fields(missed), " ")
	if !ok || !in {
		return m, fmt.Errorf(`a bug begins with "== NAME: WHAT IT DOES" and "in FILE"`)
	}
	var old, changed strings.Builder
	for line := range strings.Lines(strings.TrimRight(change, "\n") + "\n") {
		switch line[0] {
		case '-':
			old.WriteString(line[1:])
		case '+':
			changed.WriteString(line[1:])
		case ' ', '\n':
			line = strings.TrimPrefix(line, " ")
			old.WriteString(line)
			changed.WriteString(line)
		default:
			return m, fmt.Errorf("a line begins with -, + or a blank, not with %q", line[0])
		}
	}
	m.old, m.new = old.String(), changed.String()
	return m, nil
}

// patched is the bug's file with the bug in it.
func (m mutant) patched() (path string, text []byte, err error) {
	path = filepath.Join(m.dir, filepath.FromSlash(m.file))
	text, err = os.ReadFile(path)
	if err != nil {
		return path, nil, err
	}
	text = append([]byte("\n"), text...) // the lines begin at a line's beginning
	old := []byte("\n" + m.old)
	if n := bytes.Count(text, old); n != 1 {
		return path, nil, fmt.Errorf("%s: these lines stand %d times in %s, want once:\n%s", m.name, n, m.file, m.old)
	}
	return path, bytes.Replace(text, old, []byte("\n"+m.new), 1)[1:], nil
}
