package etcdsim

import (
	"errors"
	"os"
	"sync"

	"quorumlab/internal/guard"
	"quorumlab/internal/helper"
)

// homes are the folders of the runs in virtual time of this process, under one guard. A guard for each would be
// started while members run: until a process that starts has become another program it has copies of all open
// files, and a member that restarts meanwhile finds its WAL locked, by nobody but the life before.
var homes struct {
	sync.Mutex
	runs  int
	guard *guard.Guard // nil if this process would leave nothing behind
}

// newHome makes the folder of a run, in memory if there is a place. leave removes it. Errors are those of the system.
func newHome() (dir string, leave func() error, err error) {
	homes.Lock()
	defer homes.Unlock()
	if homes.runs == 0 {
		if homes.guard, err = guard.Start(); err != nil && !errors.Is(err, helper.ErrNoMain) {
			return "", nil, err
		}
	}
	homes.runs++
	dir, remove, err := homes.guard.MkdirTemp(memoryFolder(), "quorumlab-virtual-")
	if err != nil {
		return "", nil, errors.Join(err, leaveHome())
	}
	return dir, func() error {
		err := remove()
		homes.Lock()
		defer homes.Unlock()
		return errors.Join(err, leaveHome())
	}, nil
}

// leaveHome is under the lock.
func leaveHome() error {
	if homes.runs--; homes.runs > 0 {
		return nil
	}
	return homes.guard.Close()
}

// memoryFolder is a folder in memory, or empty: the system's temporary one.
func memoryFolder() string {
	const folder = "/dev/shm"
	if f, err := os.Stat(folder); err == nil && f.IsDir() {
		return folder
	}
	return ""
}
