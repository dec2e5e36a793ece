package drill_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"quorumlab/internal/disktest"
	"quorumlab/internal/drill"
	"quorumlab/internal/postgres/postgrestest"
)

// A restore for which there is no room says so, whoever notices, and leaves nothing.
func TestFullDisk(t *testing.T) {
	postgrestest.Programs(t)
	disktest.OnAsRoot(t, "12m", func(dir string) {
		for at := dir; at != os.TempDir() && at != "/"; at = filepath.Dir(at) {
			ok(t, os.Chmod(at, 0o755)) // the servers' user has to get in
		}
		s := newShop(t)
		for name, c := range map[string]*drill.RestoreConfig{
			"a copy":    {Backup: s.backup, Archive: s.archive.Dir},
			"a command": {BackupCommand: "cp -R " + s.backup + " %d/monday", Archive: s.archive.Dir},
		} {
			r, err := drill.Run(t.Context(), c, drill.Options{Dir: dir})
			ok(t, err)
			if r.Outcome != drill.NotRestored || !strings.Contains(strings.ToLower(r.Why), "no space left on device") ||
				!strings.Contains(r.Why, "--dir names a folder on another one") {
				t.Errorf("%s: %s: %s", name, r.Outcome, r.Why)
			}
			left, err := os.ReadDir(dir)
			if err != nil || len(left) > 0 {
				t.Errorf("%s leaves %v, %v", name, left, err)
			}
		}
	})
}
