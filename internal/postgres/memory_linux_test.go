package postgres

import (
	"os"
	"path/filepath"
	"testing"
)

func TestMemoryLeft(t *testing.T) {
	const meminfo = "MemTotal:        8000000 kB\nMemFree:          100000 kB\nMemAvailable:    4000000 kB\n"
	const available = 4000000 << 10
	for _, v := range []struct {
		name  string
		files map[string]string
		left  uint64
	}{
		{"nothing is known", nil, 0},
		{"no number", map[string]string{"proc/meminfo": "MemAvailable: some kB\n"}, 0},
		{"no limit", map[string]string{"proc/meminfo": meminfo}, available},
		{"no limit of the group", map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "0::/\n",
			"sys/fs/cgroup/memory.max": "max\n", "sys/fs/cgroup/memory.current": "5000\n"}, available},
		{"a limit", map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "0::/\n",
			"sys/fs/cgroup/memory.max": "7000\n", "sys/fs/cgroup/memory.current": "5000\n"}, 2000},
		{"a limit that is used up", map[string]string{"proc/meminfo": meminfo, "sys/fs/cgroup/memory.max": "7000\n",
			"sys/fs/cgroup/memory.current": "7000\n"}, 0},
		{"a limit of a group above", map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "0::/a/b\n",
			"sys/fs/cgroup/a/memory.max": "7000\n", "sys/fs/cgroup/a/memory.current": "6000\n",
			"sys/fs/cgroup/a/b/memory.max": "9000\n", "sys/fs/cgroup/a/b/memory.current": "5000\n"}, 1000},
		{"a limit of version 1", map[string]string{"proc/meminfo": meminfo,
			"proc/self/cgroup": "5:memory:/docker/x\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "7000\n",
			"sys/fs/cgroup/memory/memory.usage_in_bytes": "4000\n"}, 3000},
	} {
		t.Run(v.name, func(t *testing.T) {
			root := t.TempDir()
			for name, content := range v.files {
				path := filepath.Join(root, name)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if left := memoryLeft(root); left != v.left {
				t.Errorf("%d bytes are left, want %d", left, v.left)
			}
		})
	}
}

func TestRoomForHomes(t *testing.T) {
	for processors, want := range map[int]uint64{1: perHome, 2: 4 * perHome, 64: 64 * 8 * perHome} {
		if got := roomForHomes(processors); got != want {
			t.Errorf("on %d processors %d bytes, want %d", processors, got, want)
		}
	}
}
