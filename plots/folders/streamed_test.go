package folders_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"quorumlab/plots/folders"
	"quorumlab/scenarios"
	"quorumlab/sim/raftsim"
	"quorumlab/sim/run"
)

// TestStreamedFolder: a run whose events are not all in memory leaves the same folder, byte for byte.
func TestStreamedFolder(t *testing.T) {
	for _, name := range []string{"leader-crash", "lost-unsynced-majority"} {
		t.Run(name, func(t *testing.T) {
			s, err := scenarios.Load(name)
			if err != nil {
				t.Fatal(err)
			}
			var dirs [2]string
			for i, streamed := range []bool{false, true} {
				j, err := run.Do(t.Context(), s, raftsim.Engine{}, run.Options{Version: "test", Streamed: streamed})
				if err != nil {
					t.Fatal(err)
				}
				defer j.Trace.Close()
				at, err := folders.RunPlace(t.TempDir(), s, "sim").Take()
				if err != nil {
					t.Fatal(err)
				}
				defer at.Release()
				if dirs[i], err = (folders.RunFolder{Judged: j}).Leave(at, folders.Parts()); err != nil {
					t.Fatal(err)
				}
			}
			files := 0
			err = filepath.WalkDir(dirs[0], func(path string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() {
					return err
				}
				files++
				rel, _ := filepath.Rel(dirs[0], path)
				want, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				got, err := os.ReadFile(filepath.Join(dirs[1], rel))
				if !bytes.Equal(got, want) {
					t.Errorf("%s is another", rel)
				}
				return err
			})
			if err != nil || files < 10 {
				t.Errorf("%d files, %v", files, err)
			}
		})
	}
}
