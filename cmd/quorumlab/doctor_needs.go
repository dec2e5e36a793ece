package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"quorumlab/internal/guard"
	"quorumlab/sim"
)

// enoughFiles is how many descriptors the runs of real members need, with room to spare: three members take some 150.
const enoughFiles = 1024

// openFiles looks at the limit of open files, which members are the first to run into.
func openFiles() finding {
	f := finding{what: "open files"}
	limit, known := fileLimit()
	switch {
	case !known:
		f.says = "this system has no limit that is known"
	case limit < enoughFiles:
		f.warn, f.says = true, fmt.Sprintf(
			"at most %d: too few for real members, and for a sweep on many processors",
			limit,
		)
		f.fix = "ulimit -n 4096, in the shell that starts quorumlab"
	default:
		f.says = fmt.Sprintf("at most %d", limit)
	}
	return f
}

// enoughRoom is what a run on real members may take for a while: a WAL file of etcd is 64 MB, and each has two.
const enoughRoom = 1 << 30

// diskRoom looks at the free space where the members' data would be.
func diskRoom(dir string) finding {
	f := finding{what: "room"}
	free, known := freeRoom(dir)
	switch {
	case !known:
		f.says = "how much is free in " + filepath.ToSlash(dir) + " is not known"
	case free < enoughRoom:
		f.warn = true
		f.says = fmt.Sprintf("%s are free in %s; real members may need %s", sim.Bytes.FormatValue(float64(free)),
			filepath.ToSlash(dir), sim.Bytes.FormatValue(enoughRoom))
		f.fix = "make room there, or set TMPDIR to a folder on a larger disk"
	default:
		f.says = fmt.Sprintf("%s are free in %s", sim.Bytes.FormatValue(float64(free)), filepath.ToSlash(dir))
	}
	return f
}

// kubernetesProgram looks for the program of lesson 40.2.
func kubernetesProgram() finding {
	const name = "quorumlab-kubernetes"
	f := finding{what: "Kubernetes"}
	self, err := os.Executable()
	if err == nil {
		beside := filepath.Join(filepath.Dir(self), name)
		if runtime.GOOS == "windows" {
			beside += ".exe"
		}
		if info, err := os.Stat(beside); err == nil && !info.IsDir() {
			f.says = "lesson 40.2 can run its program, " + filepath.ToSlash(beside)
			return f
		}
	}
	if path, err := exec.LookPath(name); err == nil {
		f.says = "lesson 40.2 can run its program, " + filepath.ToSlash(path)
		return f
	}
	f.says = "needed only for lesson 40.2: there is no " + name + " beside this program or in $PATH"
	f.fix = "take it from a release, or run make build in the sources, and put it beside this program"
	return f
}

// etcdctl looks for etcd's own client, with which a sandbox is more of a lesson.
func etcdctl() finding {
	f := finding{what: "etcdctl"}
	path, err := exec.LookPath("etcdctl")
	if err == nil {
		f.says = "for a sandbox: " + filepath.ToSlash(path)
		return f
	}
	f.says = "needed only to look into a sandbox as any client does: it is not in $PATH"
	f.fix = "apt-get install etcd-client (Debian, Ubuntu), brew install etcd (macOS), or etcd's release"
	return f
}

// leftovers removes the temporary folders of programs that were killed together with their guards, and tells of those
// of other users, which nobody but them and root can remove; false: there are none.
func leftovers(dir string) (f finding, some bool) {
	const prefix = "quorumlab-"
	f.what = "leftovers"
	if gone := guard.RemoveLeft(dir, prefix); len(gone) > 0 {
		f.says = fmt.Sprintf("removed what killed programs had left: %s. ", strings.Join(gone, ", "))
	}
	if others := guard.OfOthers(dir, prefix); len(others) > 0 {
		f.warn = true
		f.says += fmt.Sprintf(
			"%s of other users in %s, which are in use, or were left by a program that was killed together "+
				"with its guard: %s",
			counted(len(others), "folder"),
			dir,
			strings.Join(others, ", "),
		)
		f.fix = "their next run removes what is not in use, and so does root: sudo quorumlab doctor"
	}
	f.says = strings.TrimSpace(f.says)
	return f, f.says != ""
}
