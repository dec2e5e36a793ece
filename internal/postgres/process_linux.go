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

// dieWithParent has Linux send the process a signal when the thread that starts it ends. So the goroutine that starts
// it must keep its thread as long as the process lives.
func dieWithParent(a *syscall.SysProcAttr, s syscall.Signal) { a.Pdeathsig = s }

// killAll kills a postmaster and its children. It is stopped first, so that it starts no more of them.
func killAll(first *os.Process) error {
	if err := first.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	others := childrenOf(first.Pid)
	err := first.Kill()
	for _, pid := range others {
		_ = syscall.Kill(-pid, syscall.SIGKILL) // each leads a process group, with the commands that it runs
		_ = syscall.Kill(pid, syscall.SIGKILL)  // unless it has only just started
	}
	return err
}

// childrenOf lists the children of a process.
func childrenOf(parent int) (pids []int) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is good
	for _, file := range stats {
		stat, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		// After the name, which may contain anything, come the state and the parent.
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

// freeMemory removes the shared memory that a killed server has left. Its number is the second field of the
// seventh line of the server's pid file.
func freeMemory(pidFile string, pid int) {
	file, err := os.ReadFile(pidFile)
	if err != nil {
		return // the server was not killed
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
