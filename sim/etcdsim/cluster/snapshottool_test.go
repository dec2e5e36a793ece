package cluster

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What etcd's own tool makes of whole and of damaged files.
func TestSnapshotTool(t *testing.T) {
	t.Parallel()
	c := start(t, 1, brisk)
	for i := range 40 {
		put(t, c.Member(1), fmt.Sprint("k", i), strings.Repeat("v", 4<<10))
	}
	file := saved(t, c).File
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var tool SnapshotTool
	of, err := tool.Status(contextFor(t), file)
	if err != nil || !of.OK() || of.Keys != 40 || of.Revision != 41 {
		t.Errorf("status of a whole file: %+v, %v; want 40 keys and revision 41", of, err)
	}
	for _, test := range []struct {
		name    string
		content []byte
		skip    bool
		damaged bool   // so the status is refused or dies: of a panic, or of a page that is not there
		restore string // what it says; empty: it finds nothing wrong
	}{
		{name: "whole", content: whole},
		{name: "without its checksum", content: whole[:len(whole)-32], restore: "snapshot missing hash"},
		{name: "without its checksum, which is not asked for", content: whole[:len(whole)-32], skip: true},
		{name: "cut off", content: whole[:len(whole)/2], damaged: true, restore: "snapshot missing hash"},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "snapshot.db")
			if err := os.WriteFile(file, test.content, 0o600); err != nil {
				t.Fatal(err)
			}
			tool := SnapshotTool{SkipHashCheck: test.skip}
			s, err := tool.Status(contextFor(t), file)
			if err != nil || s.OK() == test.damaged {
				t.Errorf("status: %+v, %v; want that it finds damage: %v", s, err, test.damaged)
			}
			r, err := tool.Restore(contextFor(t), file, filepath.Join(t.TempDir(), "data"))
			if said := r.Refusal + r.Died; err != nil || r.OK() != (test.restore == "") ||
				!strings.Contains(said, test.restore) {
				t.Errorf("restore: %+v, %v; want %q", r, err, test.restore)
			}
		})
	}
}
