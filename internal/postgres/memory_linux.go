package postgres

import (
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// sharedMemory is where Linux has a file system in memory for everybody.
const sharedMemory = "/dev/shm"

// memoryFolder is a folder in memory that homes can be made in; empty if there is none, or too little room.
func memoryFolder(a *account) string {
	var f unix.Statfs_t
	const writable = unix.W_OK | unix.X_OK
	if unix.Statfs(sharedMemory, &f) != nil || f.Type != unix.TMPFS_MAGIC ||
		unix.Access(sharedMemory, writable) != nil || a.reaches(sharedMemory) != nil {
		return ""
	}
	if min(f.Bavail*uint64(f.Bsize), memoryLeft("/")) < roomForHomes(runtime.GOMAXPROCS(0)) {
		return ""
	}
	return sharedMemory
}

// perHome is what a home takes at most when it is in memory, in bytes; and busyPackages how many test programs may have
// homes at once.
const (
	perHome      = 200 << 20
	busyPackages = 8
)

// roomForHomes is what all homes take that may be open at once: go test runs as many test programs as there are
// processors, and each of them as many tests.
func roomForHomes(processors int) uint64 {
	return perHome * uint64(processors) * uint64(min(processors, busyPackages))
}

// memoryLeft is how many bytes of memory this program may still use: what the machine has available, and what the
// limits of its control groups leave. Zero if that is not known.
func memoryLeft(root string) uint64 {
	left := availableIn(filepath.Join(root, "proc/meminfo"))
	own := "/"
	if b, err := os.ReadFile(filepath.Join(root, "proc/self/cgroup")); err == nil {
		for line := range strings.Lines(string(b)) {
			if group, ok := strings.CutPrefix(strings.TrimSpace(line), "0::"); ok {
				own = group
			}
		}
	}
	groups := filepath.Join(root, "sys/fs/cgroup")
	for group := own; ; group = filepath.Dir(group) {
		dir := filepath.Join(groups, group)
		left = min(left, limitIn(filepath.Join(dir, "memory.max"), filepath.Join(dir, "memory.current")))
		if group == "/" || group == "." {
			break
		}
	}
	first := filepath.Join(groups, "memory") // version 1
	return min(left, limitIn(filepath.Join(first, "memory.limit_in_bytes"), filepath.Join(first,
		"memory.usage_in_bytes")))
}

// availableIn reads how much memory is available from a file like /proc/meminfo.
func availableIn(meminfo string) uint64 {
	b, err := os.ReadFile(meminfo)
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		fields := strings.Fields(line)
		if len(fields) == 3 && fields[0] == "MemAvailable:" && fields[2] == "kB" {
			n, err := strconv.ParseUint(fields[1], 10, 64)
			if err != nil {
				return 0
			}
			return n << 10
		}
	}
	return 0
}

// limitIn is what a control group's limit leaves. Without a limit it is as much as can be.
func limitIn(limit, used string) uint64 {
	number := func(file string) (uint64, bool) {
		b, err := os.ReadFile(file)
		if err != nil {
			return 0, false
		}
		n, err := strconv.ParseUint(strings.TrimSpace(string(b)), 10, 64)
		return n, err == nil
	}
	most, limited := number(limit)
	if !limited {
		return math.MaxUint64
	}
	if now, ok := number(used); ok && now < most {
		return most - now
	}
	return 0
}
