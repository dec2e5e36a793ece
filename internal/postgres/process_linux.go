package postgres

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// dieWithParent has the system send the signal when the thread that started the process ends, so that
// goroutine keeps its thread while the process lives.
func dieWithParent(a *syscall.SysProcAttr, s syscall.Signal) { a.Pdeathsig = s }

// killAll kills a server's first process and those that it has started. Stopped, it starts no more.
func killAll(first *os.Process) error {
	if err := first.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	others := childrenOf(first.Pid)
	err := first.Kill()
	for _, pid := range others {
		_ = syscall.Kill(-pid, syscall.SIGKILL) // each leads a group, in which a command of it may run
		_ = syscall.Kill(pid, syscall.SIGKILL)  // unless it has not got to that yet
	}
	return err
}

// childrenOf lists the processes that a process has started. One that ends meanwhile may be missing.
func childrenOf(parent int) (pids []int) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is good
	for _, file := range stats {
		stat, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		// After the name, which may hold anything, come the state and the parent.
		fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
		if len(fields) < 2 || string(fields[1]) != strconv.Itoa(parent) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// freeMemory removes the shared memory that a killed server has left. pidFile is the server's, which
// says its number in the second field of its seventh line.
func freeMemory(pidFile string, pid int) {
	file, err := os.ReadFile(pidFile)
	if err != nil {
		return // it ended in order
	}
	lines := strings.Split(string(file), "\n")
	if len(lines) < 7 {
		return
	}
	fields := strings.Fields(lines[6])
	if len(fields) != 2 {
		return
	}
	id, err := strconv.Atoi(fields[1])
	if err != nil {
		return
	}
	var info unix.SysvShmDesc
	if _, err := unix.SysvShmCtl(id, unix.IPC_STAT, &info); err == nil && int(info.Cpid) == pid {
		_, _ = unix.SysvShmCtl(id, unix.IPC_RMID, nil) // at worst it stays, 56 bytes
	}
}
