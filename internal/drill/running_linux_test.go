package drill_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// running lists the processes with exactly these words as their command line.
func running(t *testing.T, words string) (pids []string) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	ok(t, err)
	for _, f := range files {
		b, _ := os.ReadFile(f) // it may have ended meanwhile
		if string(bytes.ReplaceAll(bytes.TrimRight(b, "\x00"), []byte{0}, []byte(" "))) == words {
			pids = append(pids, filepath.Base(filepath.Dir(f)))
		}
	}
	return pids
}
